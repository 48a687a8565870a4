"""The sources of cards that this host may have; several may find some."""

import sys
import time
from collections.abc import Sequence

from models_app.gpu.amd import AmdCards
from models_app.gpu.amd_library import find_library
from models_app.gpu.apple import AppleCards, is_apple
from models_app.gpu.nvml.cards import NvidiaCards
from models_app.gpu.processes import ProcessNames
from models_app.gpu.reading import CardSource


def sources_of_this_host(node: str) -> Sequence[CardSource]:
    """NVIDIA's first, for its driver is the one that a sample names."""
    found: list[CardSource] = [NvidiaCards(describe=ProcessNames().describe)]
    if sys.platform == "linux":
        library = find_library(describe=ProcessNames().describe, clock=time.monotonic)
        found.append(AmdCards(node=node, library=library))
    if is_apple():
        found.append(AppleCards(node=node))
    return found
