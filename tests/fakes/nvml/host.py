"""Run as a program: the sampler of a GPU host with the fake's cards, without Celery."""

import os
import sys
import tempfile
import threading
from pathlib import Path

from models_app.gpu.host import HostFigures
from models_app.gpu.outbox import Outbox, link_to
from models_app.gpu.sampler import Sampler
from models_app.gpu.sources import sources_of_this_host


def main(node: str, url: str) -> None:
    """Say of this host how it is until the process is ended."""
    data = Path(tempfile.gettempdir())
    sampler = Sampler(
        node=node,
        outbox=Outbox(link_to(url), node=node),
        sources=sources_of_this_host(node),
        host=HostFigures(data=data, environment=os.environ),
        agent="fake",
    )
    sampler.run(threading.Event())


if __name__ == "__main__":
    main(*sys.argv[1:])
