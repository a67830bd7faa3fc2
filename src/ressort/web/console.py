"""The console's own pages: the map of everything, the journal, the clock, the style page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core import clock
from ressort.core.accounts import policy
from ressort.core.errors import Refused
from ressort.core.journal import tail
from ressort.core.live.topics import tell
from ressort.web import tasks
from ressort.web.doors import door
from ressort.web.pages import back

RATES = (0.0, 1.0, 10.0, 60.0)
SHOWN = 60


@door("console.see")
@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """Show the whole territory, with every layer the person may see, and what waits for them."""
    return render(request, "web/console_home.html", _board(request))


def _board(request: HttpRequest) -> dict[str, object]:
    return {"groups": tasks.waiting(request.user), "looks": policy.only_looks(request.user)}


@door("console.see")
@require_safe
def todo(request: HttpRequest) -> HttpResponse:
    """Answer what waits for the person, as the fragment beside the map."""
    if not getattr(request, "htmx", False):
        return redirect("web:console")
    return render(request, "web/console_tasks.html", _board(request))


@door("journal.see")
@require_safe
def journal(request: HttpRequest) -> HttpResponse:
    """Answer the last events, as the fragment at the foot of the console."""
    return render(request, "web/journal.html", {"events": told(SHOWN)})


def told(count: int) -> list[dict[str, object]]:
    """Return the last events in words, newest first."""
    return [
        {"at": event.at, "text": tell(event), "kind": event.kind, "seq": event.seq} for event in tail(count)
    ]


@door("clock.drive")
@require_POST
def drive_clock(request: HttpRequest) -> HttpResponse:
    """Stop, slow or hurry a simulated clock."""
    if not clock.reading().simulated:
        raise Refused(
            "real-clock",
            _("Cette installation vit à l'heure réelle : son horloge ne se règle pas."),
            status=409,
        )
    try:
        rate = float(request.POST.get("rate", ""))
    except ValueError:
        rate = -1.0
    if rate not in RATES:
        raise Refused("bad-rate", _("Choisissez une vitesse proposée : arrêt, ×1, ×10 ou ×60."), field="rate")
    clock.simulate(rate=rate)
    if getattr(request, "htmx", False):
        return render(request, "web/components/clock.html")
    return HttpResponseRedirect(back(request))
