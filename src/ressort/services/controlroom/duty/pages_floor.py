"""Who is in the room: taking and leaving one's desk."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty import forms, queries
from ressort.services.controlroom.duty.actions import floor as doing
from ressort.services.controlroom.duty.shift_models import Handover, Presence
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

RECENT = timedelta(hours=24)


@door("controlroom.floor.see")
@require_safe
def floor(request: HttpRequest) -> HttpResponse:
    """Show who is in the room, at which desk, since when."""
    return _page(request, None)


def _page(request: HttpRequest, bound: forms.Post | None) -> HttpResponse:
    homes = queries.mine(request.user, "controlroom.floor.see")
    every = Presence.objects.filter(organisation__in=homes).select_related("user")
    present = list(every.filter(left=None))
    context = {
        "present": present,
        "me": next((one for one in present if one.user_id == request.user.pk), None),
        "gone": list(every.filter(left__gt=service_now() - RECENT).order_by("-left")[:20]),
        "desks": sorted({one for one in every.order_by("-pk").values_list("desk", flat=True)[:200] if one}),
        "form": bound or forms.Post(),
        "may_take": policy.allowed(request.user, doing.TAKE).ok,
        "may_hand": policy.allowed(request.user, "controlroom.handover.see").ok,
        "handover": Handover.objects.filter(organisation__in=homes, taken=None).select_related("by").first(),
    }
    if request.headers.get("HX-Request"):
        return render(request, "controlroom/duty/floor_live.html", context)
    status = 422 if bound is not None and bound.errors else 200
    return render(request, "controlroom/duty/floor.html", context, status=status)


@door("controlroom.floor.take")
@require_POST
def act(request: HttpRequest, deed: str) -> HttpResponse:
    """Take or leave a desk."""
    match deed:
        case "prendre":
            form = forms.Post(request.POST)
            if not form.is_valid():
                return _page(request, form)
            try:
                made = doing.come(request.user, **form.cleaned_data)
            except Refused as error:
                if error.status == 403:
                    raise
                refuse(form, error)
                return _page(request, form)
            back = reverse("controlroom:floor_act", args=["quitter"])
            undo.said(request, _("Vous êtes en salle."), back, {"presence": made.pk})
        case "quitter" | "revenir":
            text = request.POST.get("presence", "")
            if not (text.isascii() and text.isdigit() and len(text) < 12):
                raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
            if deed == "revenir":
                doing.come_back(request.user, int(text))
                messages.success(request, _("Le poste est de nouveau pris."))
            else:
                row = doing.leave(request.user, int(text))
                mine = row.user_id == request.user.pk
                name = row.user.name if row.user else _("compte effacé")
                sentence = (
                    _("Vous avez quitté la salle.")
                    if mine
                    else _("%(name)s a quitté la salle.") % {"name": name}
                )
                back = reverse("controlroom:floor_act", args=["revenir"])
                undo.said(request, sentence, back, {"presence": row.pk})
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    return redirect("controlroom:floor")
