"""Work orders on paper: one sheet each, and what was written on it typed back once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.orders import forms, queries, states
from ressort.services.controlroom.orders.actions import doing
from ressort.services.controlroom.orders.actions.doing import Sheet
from ressort.services.controlroom.orders.models import WorkOrder
from ressort.web import printing, words
from ressort.web.doors import door
from ressort.web.forms import refuse

MOST = 40
"""Sheets of one print, at most."""


def _sheet(request: HttpRequest, order: WorkOrder) -> dict[str, Any]:
    due = localtime(order.due)
    place = f"{order.lat:.5f}, {order.lon:.5f}" if order.lon is not None else ""
    facts = [
        (_("Où"), order.address or "–"),
        (_("Point"), place),
        (_("Équipement"), f"{order.asset.name} ({order.asset.code})" if order.asset else ""),
        (_("À faire avant"), f"{words.day(due)}, {words.hour(due)}"),
        (_("Priorité"), str(order.get_priority_display())),
        (_("Équipe"), order.who or "–"),
        (_("Demandé par"), order.organisation.name),
    ]
    return {
        "number": order.number,
        "name": order.title,
        "sheet": str(order.version),
        "facts": [[str(name), words.typo(value)] for name, value in facts if value],
        "instructions": order.instructions.split("\n") if order.instructions else [],
        "materials": order.materials.split("\n") if order.materials else [],
        "link": request.build_absolute_uri(
            f"{reverse('controlroom:work_typed', args=[order.number])}?feuille={order.version}"
        ),
    }


def _print(request: HttpRequest, name: str, orders: list[WorkOrder], title: str) -> HttpResponse:
    data = {
        "title": title,
        "sheets": [_sheet(request, one) for one in orders],
        "words": {
            "sheet": _("Feuille"), "instructions": _("Consignes"), "materials": _("Matériel"),
            "told": _("À remplir sur place"), "left": _("Départ"), "arrived": _("Arrivée"), "finished": _("Fin"),
            "done": _("C'est fait"), "failed": _("Impossible"), "what": _("Ce qui a été fait, ou pourquoi c'est impossible"),
            "used": _("Matériel employé"), "who": _("Qui"), "qr": _("Code à scanner pour saisir cette feuille"),
            "back": _("Scannez le code pour saisir cette feuille : elle ne compte qu'une fois."),
        },
    }  # fmt: skip
    return printing.download(name, printing.pdf("work", data))


@door("controlroom.work.do")
@require_safe
def sheet(request: HttpRequest, number: str) -> HttpResponse:
    """Print one order."""
    order, _may = queries.open_for(request.user, number)
    return _print(request, order.number, [order], f"{order.number} · {order.title}")


@door("controlroom.work.do")
@require_safe
def sheets(request: HttpRequest) -> HttpResponse:
    """Print what is to be done: one's own crews' orders, or those of a crew of the console (``?equipe=``)."""
    if crew := request.GET.get("equipe", "")[:24]:
        rows = queries.listed(request.user, {"crew": crew, "state": "open"})
    else:
        rows = queries.with_all(queries.given_to(request.user).filter(state__in=states.HELD))
    found = queries.by_urgency(queries.told(one) for one in rows[:MOST])
    if not found:
        raise Unknown("works", _("Aucune intervention à imprimer : la liste est vide."))
    return _print(request, "interventions", [one.order for one in found], _("Interventions à faire"))


@door("controlroom.work.do")
@require_http_methods(["GET", "HEAD", "POST"])
def typed(request: HttpRequest, number: str) -> HttpResponse:
    """Type what a paper says."""
    order, may = queries.open_for(request.user, number)
    if request.method == "POST":
        form = forms.Typed(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            told = Sheet(
                data["sheet"],
                data["result"],
                data["words"],
                form.moment("arrived"),
                form.moment("finished"),
                data["minutes"],
            )
            try:
                doing.type_back(request.user, number, told)
            except Refused as refused:
                if refused.status in {403, 404}:
                    raise
                refuse(form, refused)
            else:
                messages.success(request, _("La feuille est saisie : elle ne comptera pas deux fois."))
                return redirect("controlroom:crew_work", number=number)
    else:
        asked = request.GET.get("feuille", "")[:9]
        form = forms.Typed(initial={
            "sheet": asked if asked.isascii() and asked.isdigit() else order.version,
            "day": localtime(service_now()).date(),
        })  # fmt: skip
    context = {"form": form, "order": order, "may": may, "told": queries.told(order)}
    return render(request, "controlroom/orders/typed.html", context, status=422 if form.is_bound else 200)
