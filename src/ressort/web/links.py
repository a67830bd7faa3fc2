"""One-time links that open an account, carried by a message: a sign-in asked for, an invitation."""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from ressort.core.accounts.models import User
from ressort.core.notify.sending import Recipient, send


def address_of(request: HttpRequest, secret: str, goal: str = "/") -> str:
    """Return the whole address of a one-time link, going on to ``goal``."""
    address = request.build_absolute_uri(reverse("web:link", kwargs={"secret": secret}))
    return f"{address}?{urlencode({'next': goal})}" if goal != "/" else address


def carry(request: HttpRequest, user: User, secret: str, kind: str, goal: str = "/") -> None:
    """Write the message that carries a link. The outbox never shows the link, and forgets it once sent."""
    key = f"{kind}:{hashlib.sha256(secret.encode()).hexdigest()[:32]}"
    send(kind, key=key, to=Recipient.person(user), subject=user.pid, secret=address_of(request, secret, goal))
