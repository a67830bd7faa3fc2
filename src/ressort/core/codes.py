"""Follow codes: what a person is given to find again, without an account, what they asked for."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing to misread aloud


def follow_code() -> str:
    """Return a code by which anyone who has it follows something (45 bits, typed on a phone)."""
    text = "".join(secrets.choice(ALPHABET) for __ in range(9))
    return f"{text[:3]}-{text[3:6]}-{text[6:]}"


def typed(code: str) -> str:
    """Return a code as it is kept, however it was typed."""
    kept = "".join(c for c in code.upper() if c.isalnum())[:9]
    return f"{kept[:3]}-{kept[3:6]}-{kept[6:]}"
