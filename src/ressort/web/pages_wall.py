"""The wall: the same picture for a whole room, read from afar and touched by nobody."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ressort.core.accounts import policy
from ressort.web import console, tasks
from ressort.web.doors import door

MOST = 8
"""Tasks shown: nobody scrolls a wall."""
TOLD = 4
"""Last events shown."""


@door("console.see")
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Show the map of everything, what waits for somebody, and what has just happened; refreshed as events come."""
    groups = tasks.waiting(request.user)
    first = sorted(
        ((task, group) for group in groups for task in group.tasks), key=lambda pair: tasks.pressing(pair[0])
    )
    context = {
        "rows": first[:MOST],
        "others": len(first[MOST:]),
        "events": console.told(TOLD) if policy.allowed(request.user, "journal.see").ok else [],
    }
    part = bool(getattr(request, "htmx", False))
    return render(request, "web/wall_now.html" if part else "web/wall.html", context)
