"""What real model servers sent: bodies, recorded or written after their sources.

`real-…` was recorded from running servers; JSON files with cases hold request and answer.
"""

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def recorded(name: str) -> bytes:
    return (HERE / name).read_bytes()


def recorded_case(name: str, case: str) -> dict[str, Any]:
    """One answer out of a file of cases: its status and its body."""
    cases: list[dict[str, Any]] = json.loads(recorded(name))
    return next(each for each in cases if each["case"] == case)
