"""What is to be published on the broker: kept in a table, published by the one process that holds the link.

Each message has a key, by which it is asked once and answered: whoever receives it answers under :func:`where`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from ressort.core.clock import wall_now
from ressort.core.intake.models import Outgoing

ANSWERS = "ressort/_answer/"
LARGEST = 4_096
"""Bytes of an answer that are read."""
_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_bell: list[int] = []


def where(key: str) -> str:
    """Return the topic under which a message is answered."""
    return f"{ANSWERS}{key}"


def send(key: str, topic: str, body: bytes, expires: datetime) -> bool:
    """Ask for a message to be published once, before it expires; return whether it was not asked before."""
    __, made = Outgoing.objects.get_or_create(
        key=key, defaults={"topic": topic, "body": body, "expires": expires, "asked": wall_now()}
    )
    if made:
        transaction.on_commit(ring)
    return made


def answer(key: str) -> dict[str, Any] | None:
    """Return what was answered to a message, None when nothing was."""
    return Outgoing.objects.filter(key=key).values_list("answer", flat=True).first()


def answered(keys: Iterable[str]) -> list[str]:
    """Return those of some messages that were answered."""
    rows = Outgoing.objects.filter(key__in=list(keys), answer__isnull=False)
    return list(rows.order_by("pk").values_list("key", flat=True))


def forget(before: datetime) -> None:
    """Let go of the messages that expired before."""
    Outgoing.objects.filter(expires__lt=before).delete()


# ------------------------------------------------------------------ for whoever holds the link


def bell() -> int:
    """Return a file that can be read when there is a message to publish: one for the process, opened once."""
    if not _bell:
        _bell.extend(os.pipe())
        for end in _bell:
            os.set_blocking(end, False)
    return _bell[0]


def ring() -> None:
    """Wake up whoever holds the link, when it is in this process; elsewhere it looks twice a second."""
    if _bell:
        with contextlib.suppress(BlockingIOError):  # it rings already
            os.write(_bell[1], b"1")


def hush() -> None:
    """Stop the bell."""
    with contextlib.suppress(BlockingIOError):
        os.read(_bell[0], 4_096)


def waiting(now: datetime, but: Iterable[int]) -> Sequence[Outgoing]:
    """Return what is to be published, the oldest first."""
    rows = Outgoing.objects.filter(published=None, expires__gt=now).exclude(pk__in=list(but))
    return list(rows.order_by("pk")[:200])


def published(pks: Iterable[int]) -> None:
    """Note that the broker has some messages."""
    Outgoing.objects.filter(pk__in=list(pks)).update(published=wall_now())


def hear(topic: str, payload: bytes) -> tuple[str, dict[str, Any]] | None:
    """Return the key and the words of an answer, None when it is none: not read, or about something else."""
    key = topic.removeprefix(ANSWERS)
    if not _KEY.fullmatch(key) or len(payload) > LARGEST:
        return None
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("id", key) != key:
        return None
    return key, said


def keep(answers: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Keep answers; the first of a message counts."""
    now = wall_now()
    for key, said in answers:
        Outgoing.objects.filter(key=key, answer__isnull=True).update(answer=said, answered=now)
