"""Closing the guided tour, and taking it again."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from ressort.core.accounts import actions
from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.web import tours
from ressort.web.doors import door
from ressort.web.pages import back


@door("account.change")
@require_POST
def tour(request: HttpRequest) -> HttpResponse:
    """Close the tour for good and go on with the page, or take it again from its first step."""
    found = tours.of(request)
    deed = request.POST.get("deed", "")
    if found is None or deed not in {"close", "start"}:
        raise Refused("unknown-deed", _("Ce geste n'existe pas : refermez la visite, ou reprenez-la."))
    actions.tour(cast("User", request.user), found.role, closed=deed == "close")
    if deed == "start":
        return HttpResponseRedirect(found.stages[0].url)
    messages.success(request, _("Visite refermée. Pour la reprendre : « Mon espace »."))
    return HttpResponseRedirect(back(request))
