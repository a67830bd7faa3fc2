"""The console seen again: the map, the alarms, the incidents and the commands of any past moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ressort.core.live.topics import tell
from ressort.web import replay
from ressort.web.context import Shell
from ressort.web.doors import door


@door("journal.see")
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show a past moment; as a fragment, only what was under way."""
    at = replay.moment(request.GET)
    happened = [{"at": one.at, "text": tell(one)} for one in replay.before(at)]
    context = {"at": at, "groups": replay.under_way(request.user, at), "happened": happened}
    if request.headers.get("HX-Request"):
        return render(request, "web/replay_moment.html", context)
    day = replay.day_of(at)
    earlier, later = replay.neighbours(day, at)
    context |= {
        "layers": _layers(request, at.isoformat()),
        "day": day,
        "minute": day.minute(at),
        "local": at.astimezone(replay.zone()),
        "earlier": earlier,
        "later": later,
        "eve": day.start - timedelta(hours=12),
        "zone": replay.zone().key,
    }
    return render(request, "web/replay.html", context)


def _layers(request: HttpRequest, at: str) -> list[dict[str, Any]]:
    """Return the layers that have a past, still, at one moment."""
    return [
        {
            **layer,
            "at": layer["source"],
            "tiles": "",
            "source": f"{layer['source']}{'&' if '?' in layer['source'] else '?'}at={quote(at)}",
            "topic": "",
            "channel": "",
            "token": "",
        }
        for layer in Shell(request).layers
        if layer["past"]
    ]
