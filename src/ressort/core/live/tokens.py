"""Signed topic tokens: what a browser may follow, decided once when the page is made.

The stream needs no query to check one. A token lives for twelve hours; closing an account or changing a
subject's secret ends what it can still learn, because events carry no personal data.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.core import signing

LIFE = 12 * 3600
_SALT = "ressort.live"


def sign(topic: str) -> str:
    """Return the token that lets its bearer follow ``topic``."""
    return signing.TimestampSigner(salt=_SALT).sign(topic)


def topic_of(token: str) -> str | None:
    """Return the topic of a token, or None if it is forged or too old."""
    try:
        return signing.TimestampSigner(salt=_SALT).unsign(token, max_age=LIFE)
    except signing.BadSignature:
        return None


def made_at(token: str) -> datetime:
    """Return when a valid token was signed, to the second before: when its page was made."""
    return datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), UTC)
