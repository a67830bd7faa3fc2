"""A corridor as it was at a past moment: the panel of the replay."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ressort.services.controlroom.corridors import opening, past, queries
from ressort.services.controlroom.equipment.pages import in_panel
from ressort.web import replay
from ressort.web.doors import door


@door("controlroom.corridor.see")
@require_safe
def then(request: HttpRequest, pid: str) -> HttpResponse:
    """Show a corridor and what lay on its way, as they stood at a moment."""
    found, at = opening.find(pid), replay.moment(request.GET)
    was = next(iter(past.open_at(at, pid)), None)
    context = {"corridor": found, "at": at, "was": was, "items": [], "left": 0}
    if was is not None:
        corridor, items = past.shown(was, at)
        left = max(0, round(corridor.seconds - corridor.elapsed(at)))
        context |= {"items": items, "counts": queries.counts(items), "left": left}
    return in_panel(
        request, "controlroom/corridors/then.html", context, found.destination or _("Couloir d'urgence")
    )
