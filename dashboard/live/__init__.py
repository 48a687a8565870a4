"""One vocabulary of events and commands, and the socket that carries them."""
