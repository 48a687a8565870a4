"""Why `up` does not start: one sentence with a way out, never a traceback."""


class CannotStart(Exception):
    """Something on this machine is in the way; the message is for the person."""
