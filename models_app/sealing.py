"""Keys of model servers, encrypted at rest with the house's secret key."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

from dashboard.errors import KeyUnreadable


def _fernet() -> Fernet:
    # A key of its own, so that no other use of the secret key weakens this one.
    digest = hashlib.sha256(b"paddock.backend-key:" + settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(digest.digest()))


def seal(key: str) -> str:
    """The key as it is stored; nothing stays nothing."""
    return _fernet().encrypt(key.encode()).decode() if key else ""


def unseal(sealed: str, *, server: str) -> str:
    """The key as the server wants it; `KeyUnreadable` under another secret key."""
    if not sealed:
        return ""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken as failure:
        raise KeyUnreadable(server=server) from failure
