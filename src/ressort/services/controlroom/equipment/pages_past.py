"""One piece of equipment as it was at a past moment: the panel of the replay."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ressort.services.controlroom.equipment import asking, queries, states
from ressort.services.controlroom.equipment.pages import in_panel
from ressort.web import replay
from ressort.web.doors import door


@door("controlroom.equipment.see")
@require_safe
def then(request: HttpRequest, pid: str) -> HttpResponse:
    """Show what a piece of equipment had said by a moment."""
    found, at = asking.find_asset(pid), replay.moment(request.GET)
    (one,) = queries.stood([found], at)
    context = {"one": one, "asset": found, "facts": states.facts(found, one.seen), "at": at}
    return in_panel(request, "controlroom/asset_then.html", context, found.name)
