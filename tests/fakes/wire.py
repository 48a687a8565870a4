"""A wire between browsers and a house: its connections can go dead without closing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Wire:
    """Carries bytes to `port`; what has gone dead swallows them, and says nothing."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        self.ends: set[socket.socket] = {self.door}
        self.dead: set[socket.socket] = set()
        self.is_deaf = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def go_dead(self) -> None:
        """All that is connected now looks open, and carries nothing any more."""
        self.dead |= self.ends - {self.door}

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """All is dead, and so is what connects while the block runs."""
        self.is_deaf = True
        self.go_dead()
        yield
        self.is_deaf = False

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                self.join(self.door.accept()[0])

    def join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            near.close()
            return
        self.ends |= {near, far}
        if self.is_deaf:
            self.dead |= {near, far}
        for pair in ((near, far), (far, near)):
            threading.Thread(target=self.carry, args=pair, daemon=True).start()

    def carry(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while said := source.recv(65_536):
                if source not in self.dead:
                    sink.sendall(said)
        if source not in self.dead:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def wired(port: int) -> Iterator[Wire]:
    """A wire to that port of this machine, while the block runs."""
    wire = Wire(port)
    threading.Thread(target=wire.serve, daemon=True).start()
    try:
        yield wire
    finally:
        wire.close()
