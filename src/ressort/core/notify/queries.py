"""What people read of the outbox."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from ressort.core.clock import service_now
from ressort.core.notify.models import Channel, Message


def outbox(*, state: str = "", channel: str = "", search: str = "") -> QuerySet[Message]:
    """Return messages, newest first; ``search`` is a follow code or the number of a message or of its subject."""
    found = Message.objects.order_by("-pk")
    if state in Message.State.values:
        found = found.filter(state=state)
    if channel in Channel.values:
        found = found.filter(channel=channel)
    if search := search.strip():
        found = found.filter(Q(code=_code(search)) | Q(subject=search) | Q(pid=search))
    return found


def _code(typed: str) -> str:
    """Return a follow code as it is kept, however it was typed; nine characters are three groups of three."""
    kept = "".join(c for c in typed.upper() if c.isalnum())
    return "-".join(kept[i : i + 3] for i in range(0, 9, 3)) if len(kept) == 9 else typed


def troubles() -> dict[str, int]:
    """Count what asks for somebody: ``failed``, ``bounced``, and ``letters`` to print."""
    return Message.objects.filter(
        state__in=(Message.State.FAILED, Message.State.BOUNCED, Message.State.WAITING)
    ).aggregate(
        failed=Count("pk", filter=Q(state=Message.State.FAILED)),
        bounced=Count("pk", filter=Q(state=Message.State.BOUNCED)),
        letters=Count("pk", filter=Q(state=Message.State.WAITING, channel=Channel.LETTER)),
    )


def letters() -> QuerySet[Message]:
    """Return the letters to print, oldest first."""
    useful = Q(useful_until=None) | Q(useful_until__gt=service_now())
    return Message.objects.filter(useful, channel=Channel.LETTER, state=Message.State.WAITING).order_by("pk")
