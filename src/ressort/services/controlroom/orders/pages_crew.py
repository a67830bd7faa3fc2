"""The crew's pages: today's list and one order. Made for a phone held in one hand, gloves included."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.orders import forms, picture, queries, sources, states, words
from ressort.services.controlroom.orders.actions import doing
from ressort.services.controlroom.orders.models import WorkOrder, WorkPhoto
from ressort.services.controlroom.reports import photos
from ressort.services.controlroom.reports.pages import bytes_of
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse


@door("controlroom.work.do")
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show what a crew has to do today: what is at hand, what waits for an answer, what comes later."""
    found = queries.today(request.user)
    crews = queries.crews_of(request.user)
    rows = [one.order for one in (*found.going, *found.waiting)]
    context = {
        "today": found,
        "crews": crews,
        "topic": crews[0].topic if crews else "",
        "now": service_now(),
        "layers": picture.layer(reverse("controlroom:crew_map"), _("Mes interventions")),
        "bounds": picture.bounds(rows),
    }
    live = request.headers.get("HX-Request")
    return render(request, f"controlroom/orders/{'today_live' if live else 'today'}.html", context)


@door("controlroom.work.do")
@require_safe
def map_of_mine(request: HttpRequest) -> HttpResponse:
    """Answer a crew's orders as points."""
    rows = queries.given_to(request.user).filter(state__in=states.HELD)
    return JsonResponse(picture.points(rows, "controlroom:crew_work", "url"))


@door("controlroom.work.do")
@require_safe
def work(request: HttpRequest, number: str) -> HttpResponse:
    """Show one order: where, what, and the next thing to touch."""
    order, may = queries.open_for(request.user, number)
    return _page(request, order, may=may)


def _page(request: HttpRequest, order: WorkOrder, *, may: bool, bound: Any = None) -> HttpResponse:
    seen = {"version": order.version, "key": uuid4().hex}
    made: dict[str, Any] = {
        "touch": forms.Touch(initial=seen),
        "decline": forms.Decline(initial=seen),
        "finish": forms.Finish(initial=seen | {"minutes": _minutes(order)}),
        "fail": forms.Fail(initial=seen),
        "photo": forms.Photo(initial=seen),
    }
    if bound is not None:
        made[bound.deed] = bound
    context = {
        "order": order,
        "told": queries.told(order),
        "may": may,
        "forms": made,
        "wrong": bound.deed if bound is not None else "",
        "possible": states.possible(order.state) if may else [],
        "steps": queries.steps(order),
        "photos": list(order.photos.filter(removed=None)),
        "layers": picture.layer(reverse("controlroom:work_point", args=[order.number]), _("Intervention")),
        "centre": [order.lon, order.lat] if order.lon is not None else None,
        "source": sources.Source(order.source, order.source_id),
    }
    status = 422 if bound is not None and bound.errors else 200
    return render(request, "controlroom/orders/crew.html", context, status=status)


def _minutes(order: WorkOrder) -> int | None:
    """Return the time since the arrival, as it would be counted."""
    if order.arrived is None:
        return order.minutes
    return min(doing.LONGEST, max(0, round((service_now() - order.arrived).total_seconds() / 60)))


@door("controlroom.work.do")
@require_safe
def changed(request: HttpRequest, number: str) -> HttpResponse:
    """Say what others changed since the version that a phone shows: nothing that is being typed is replaced."""
    order, _may = queries.open_for(request.user, number)
    text = request.GET.get("version", "")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    steps = [(one, words.step(one.deed, order.who)) for one in doing.meanwhile(request.user, order, version)]
    return render(request, "controlroom/orders/changed.html", {"order": order, "steps": steps})


FORMS = {"decline": forms.Decline, "finish": forms.Finish, "fail": forms.Fail, "photo": forms.Photo}
UNDONE = {"accept", "decline", "leave", "arrive", "finish", "fail"}
"""Deeds that the sentence which confirms them takes back."""


def _said(deed: str) -> str:
    return {
        "accept": _("Acceptée : elle est dans votre journée."),
        "decline": _("C'est dit : le poste la confiera à quelqu'un d'autre."),
        "leave": _("Bonne route."),
        "arrive": _("C'est noté : vous êtes sur place."),
        "finish": _("C'est fait, merci. Le poste est prévenu."),
        "fail": _("C'est noté : impossible. Le poste est prévenu."),
        "take_back": _("Retour à l'étape d'avant."),
    }[deed]


@door("controlroom.work.do")
@require_POST
def act(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """Do what the thumb touched; what changed meanwhile is said, what was typed is never lost."""
    if deed not in {*states.CREW, "photo", "unpicture"}:
        raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    if deed == "unpicture":
        doing.unpicture(request.user, number, _row(request))
        messages.success(request, _("La photo est retirée."))
        return redirect("controlroom:crew_work", number=number)
    form = FORMS.get(deed, forms.Touch)(request.POST, request.FILES)
    if form.is_valid():
        try:
            return _done(request, number, deed, form)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            refuse(form, refused)
    order, may = queries.open_for(request.user, number)
    return _page(request, order, may=may, bound=form)


def _row(request: HttpRequest) -> int:
    text = request.POST.get("row", "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
    return int(text)


def _done(request: HttpRequest, number: str, deed: str, form: Any) -> HttpResponse:
    user: Any = request.user
    data, seen = form.cleaned_data, form.seen()
    here = redirect("controlroom:crew_work", number=number)
    if deed == "photo":
        doing.picture(user, number, bytes_of(data["photo"]), key=seen["key"])
        messages.success(request, _("La photo est jointe."))
        return here
    match deed:
        case "decline":
            outcome = doing.decline(user, number, data["reason"], **seen)
        case "finish":
            outcome = doing.finish(user, number, data["did"], data["minutes"], **seen)
        case "fail":
            outcome = doing.fail(user, number, data["reason"], data["minutes"], **seen)
        case _:
            seen["key"] = f"{deed}:{seen['key']}" if seen["key"] else None
            outcome = getattr(doing, deed)(user, number, **seen)
    if outcome.late:
        messages.warning(
            request,
            _("L'intervention avait changé : elle est « %(state)s ». Ce que vous avez écrit est gardé avec elle, et le poste le lit.")
            % {"state": outcome.order.get_state_display()},
        )  # fmt: skip
        return redirect("controlroom:crew_today")
    if deed in UNDONE:
        undo.said(request, _said(deed), reverse("controlroom:crew_act", args=[number, "take_back"]), {})
    else:
        messages.success(request, _said(deed))
    for step in outcome.meanwhile:
        who = step.by.name if step.by else _("le poste")
        messages.warning(
            request,
            _("Entre-temps, %(who)s : %(what)s. Relisez l'intervention.")
            % {"who": who, "what": words.step(step.deed).lower()},
        )
    return redirect("controlroom:crew_today") if deed in {"decline", "finish", "fail"} else here


@door("controlroom.work.do")
@require_safe
def photo(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Answer a picture of an order."""
    order, _may = queries.open_for(request.user, number)
    found = WorkPhoto.objects.filter(pk=pk, order=order, removed=None).first()
    if found is None or not photos.path(found.name).is_file():
        raise Unknown("photo", _("Cette photo n'est pas (ou plus) sur cette intervention."))
    answer = HttpResponse(photos.path(found.name).read_bytes(), content_type="image/jpeg")
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
