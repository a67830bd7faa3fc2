"""Web Push: encryption of a message for one browser (RFC 8291, RFC 8188) and the sender's proof (VAPID, RFC 8292).

Built on ``cryptography`` alone: the usual packages bring two HTTP clients along. The test vectors are the RFC's own.
"""

from __future__ import annotations

import base64
import json
import os
import time
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_CURVE = ec.SECP256R1()
_RECORD = 4096
_LIFE = 12 * 3600  # seconds a proof is valid; the standard allows 24 hours


def encode(data: bytes) -> str:
    """Return base64url without padding, as browsers write it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url, with or without padding.

    Raises
    ------
    ValueError
        If it is not.
    """
    return base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def encrypt(
    plain: bytes,
    p256dh: str,
    auth: str,
    *,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> bytes:
    """Encrypt a message for a browser, as one ``aes128gcm`` record.

    Parameters
    ----------
    plain : bytes
        At most 3993 bytes.
    p256dh, auth : str
        The browser's key and secret, base64url.
    own, salt
        Drawn anew for each message; given only by tests.

    Raises
    ------
    ValueError
        If the browser's keys are not keys.
    """
    theirs, secret = decode(p256dh), decode(auth)
    own, salt = own or ec.generate_private_key(_CURVE), salt or os.urandom(16)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    mine = _point(own.public_key())
    key = _derived(secret, shared, b"WebPush: info\0" + theirs + mine, 32)
    content = _derived(salt, key, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, key, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content).encrypt(nonce, plain + b"\2", None)
    return salt + _RECORD.to_bytes(4) + bytes([len(mine)]) + mine + sealed


def check_keys(p256dh: str, auth: str) -> bool:
    """Tell whether what a browser gave are keys a message can be encrypted for."""
    try:
        encrypt(b"?", p256dh, auth)
    except ValueError:
        return False
    return len(decode(auth)) == 16


@lru_cache(maxsize=4)
def _key(file: Path) -> ec.EllipticCurvePrivateKey:
    """Return the installation's key: made once, kept in the data folder, readable by its owner alone."""
    if not file.exists():
        made = ec.generate_private_key(_CURVE).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(made)
        try:
            os.link(draft, file)  # the first process wins; a key once given to browsers never changes
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    found = serialization.load_pem_private_key(file.read_bytes(), password=None)
    assert isinstance(found, ec.EllipticCurvePrivateKey)
    return found


def _own() -> ec.EllipticCurvePrivateKey:
    return _key(Path(settings.DATA_DIR, "vapid.pem"))


def public_key() -> str:
    """Return what browsers need to subscribe: the public key, base64url."""
    return encode(_point(_own().public_key()))


def authorization(endpoint: str) -> str:
    """Return the ``Authorization`` header for a push service: who sends, signed."""
    parts = urlsplit(endpoint)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + _LIFE,
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    signed = ".".join(
        encode(json.dumps(part, separators=(",", ":")).encode())
        for part in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    own = _own()
    r, s = decode_dss_signature(own.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"vapid t={signed}.{encode(r.to_bytes(32) + s.to_bytes(32))}, k={encode(_point(own.public_key()))}"
