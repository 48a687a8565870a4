"""Ports of this machine: one that is free, and whether a certain one is."""

import errno
import os
import socket

from dashboard.runner.cannot_start import CannotStart


def free_port() -> int:
    """A port of loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Whether nobody listens there on loopback just now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def check_port(host: str, port: int) -> None:
    """Make sure that pages can be served at this address, or say why they cannot."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as failure:
        raise CannotStart(_sentence(failure, host, port)) from failure


def _sentence(failure: OSError, host: str, port: int) -> str:
    if failure.errno == errno.EADDRINUSE:
        return (
            f"Port {port} on {host} is taken by another program. "
            "End that one, or set PADDOCK_PORT to a free port."
        )
    if failure.errno == errno.EACCES:
        return (
            f"This account may not listen on port {port}. "
            "Set PADDOCK_PORT to a port above 1023."
        )
    if isinstance(failure, socket.gaierror) or failure.errno == errno.EADDRNOTAVAIL:
        return (
            f"This machine has no address {host}. "
            "Set PADDOCK_HOST to one of its own, or to 0.0.0.0 for all of them."
        )
    reason = failure.strerror or os.strerror(failure.errno or 0)
    return f"Paddock cannot listen on {host}, port {port} ({reason}). Set PADDOCK_PORT."
