"""Secrets of devices at rest: encrypted with a key drawn from that of the installation."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_NONCE = 12


def _cipher() -> AESGCM:
    drawn = HKDF(hashes.SHA256(), 32, salt=None, info=b"ressort devices")
    return AESGCM(drawn.derive(settings.SECRET_KEY.encode()))


def seal(secret: str) -> str:
    """Return a secret as it is kept; empty stays empty."""
    if not secret:
        return ""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + _cipher().encrypt(nonce, secret.encode(), None)).decode()


def unseal(sealed: str) -> str:
    """Return a secret; empty when there is none, or when the key of the installation has changed since."""
    if not sealed:
        return ""
    raw = base64.b64decode(sealed)
    try:
        return _cipher().decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
    except InvalidTag:
        return ""
