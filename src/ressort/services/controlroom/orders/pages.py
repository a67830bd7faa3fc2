"""Work orders in the console: the board, making one, one with what can be done of it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core import tables
from ressort.core.accounts import policy
from ressort.core.accounts.models import Organisation
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.incidents.forms import where_of
from ressort.services.controlroom.orders import exchange, forms, picture, queries, sources, states
from ressort.services.controlroom.orders.actions import holding, ordering
from ressort.services.controlroom.orders.actions.holding import ORDER
from ressort.services.controlroom.orders.models import Trade, WorkOrder
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 60
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("controlroom.work.see")
@require_safe
def works(request: HttpRequest) -> HttpResponse:
    """Show work orders by crew or by state, sifted; taken away as a file."""
    keys = ("q", "state", "crew", "trade", "late", "sort")
    asked = {key: request.GET.get(key, "").strip()[:80] for key in keys}
    by = "state" if request.GET.get("par") == "etat" else "crew"
    found = queries.listed(request.user, asked)
    if request.GET.get("format") == "csv":
        answer = HttpResponse(tables.export(exchange.table(found)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="interventions.csv"'
        return answer
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    query["format"] = "csv"
    crews = list(queries.crews(request.user))
    context = {
        "page": page,
        "groups": queries.grouped(page, by),
        "by": by,
        "asked": asked,
        "filtered": any(asked[key] for key in ("q", "state", "crew", "trade", "late")),
        "counts": queries.counts(request.user),
        "crews": crews,
        "states": [
            ("", _("En cours et à vérifier")),
            ("open", _("À faire")),
            ("check", _("À vérifier")),
            *((value, str(word).capitalize()) for value, word in WorkOrder.State.choices),
            ("all", _("Toutes")),
        ],
        "trades": [(value, str(word).capitalize()) for value, word in Trade.choices],
        "export": query.urlencode(),
        "may": policy.allowed(request.user, ORDER).ok,
    }
    return render(request, "controlroom/orders/works.html", context)


def _homes(user: Any, verb: str = ORDER) -> list[tuple[str, str]]:
    rows = Organisation.objects.filter(pk__in=queries.mine(user, verb)).order_by("pk")
    return [(one.pid, one.name) for one in rows]


def receivers(user: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return to whom an order may be given: the crews, then other organisations."""
    crews = [
        (one.pid, f"{one.name} ({one.get_trade_display()}, {held})")
        for one, held in queries.busy(user)
        if one.active
    ]
    others = Organisation.objects.order_by("name").values_list("pid", "name")[:100]
    return [(_("Équipes (métier, interventions en cours)"), crews), (_("Organismes"), list(others))]


@door("controlroom.work.order")
@get_or_post
def new(request: HttpRequest) -> HttpResponse:
    """Make a work order by hand, or from an incident, a report, an alarm, a piece of equipment (``?source=kind:id``)."""
    homes = _homes(request.user)
    where: dict[str, Any] = {"value": "", "lon": "", "lat": "", "error": ""}
    key = request.POST.get("key", "")[:40] or uuid4().hex
    text = request.POST.get("source", request.GET.get("source", ""))[:60]
    source = sources.find(request.user, text)
    form: forms.Work
    assign = forms.Assign(request.POST or None, choices=receivers(request.user))
    assign.fields["to"].required = False
    if request.method == "POST":
        form = forms.Work(request.POST, organisations=homes)
        where |= {name: request.POST.get(f"where{tail}", "")[:200] for name, tail in (("value", ""), ("lon", "_lon"), ("lat", "_lat"))}  # fmt: skip
        if form.is_valid() and assign.is_valid():
            try:
                made = ordering.draft(
                    request.user,
                    ordering.Draft(
                        **form.words(), **where_of(request.POST), due=form.due(), source=text,
                        organisation=form.cleaned_data.get("organisation") or "",
                    ),
                    key=f"draft:{key}",
                )  # fmt: skip
                if to := assign.cleaned_data["to"]:
                    made = ordering.assign(request.user, made.number, to)
            except Refused as refused:
                if refused.field == "where":
                    where["error"] = refused.sentence
                refuse(form, refused)
            else:
                said = _("L'intervention %(number)s est prête.") % {"number": made.number}
                if made.who:
                    said = _("L'intervention %(number)s est confiée à %(who)s.") % {
                        "number": made.number,
                        "who": made.who,
                    }
                messages.success(request, said)
                return redirect("controlroom:work", number=made.number)
    else:
        initial = {"title": request.GET.get("titre", "")[:120] or source.title, "trade": source.trade,
                   "priority": source.priority, "source": text}  # fmt: skip
        form = forms.Work(initial=initial, organisations=homes)
        where |= {"value": source.address, "lon": source.lon or "", "lat": source.lat or ""}
    wrong = form.is_bound and (form.errors or assign.errors)
    context = {
        "form": form,
        "assign": assign,
        "where": where,
        "key": key,
        "source": source,
        "source_word": WorkOrder.Source(source.kind).label if source.id else "",
        "already": list(queries.of_source(source.kind, source.id, request.user)[:3]) if source.id else [],
    }
    return render(request, "controlroom/orders/new.html", context, status=422 if wrong else 200)


@door("controlroom.work.see")
@require_safe
def work(request: HttpRequest, number: str) -> HttpResponse:
    """Show a work order whole."""
    found = _found(request, number)
    if request.headers.get("HX-Request") and request.GET.get("part") == "state":
        return render(request, "controlroom/orders/work_state.html", _context(request, found))
    return _page(request, found)


def _found(request: HttpRequest, number: str) -> WorkOrder:
    return queries.open_for(request.user, number)[0]


def _context(request: HttpRequest, found: WorkOrder) -> dict[str, Any]:
    return {
        "order": found,
        "told": queries.told(found),
        "steps": queries.steps(found),
        "photos": list(found.photos.filter(removed=None)),
        "may": policy.allowed(request.user, ORDER, found).ok,
        "may_do": holding.may_do(request.user, found),
        "possible": states.possible(found.state),
        "source_link": sources.link(found),
    }


def _page(request: HttpRequest, found: WorkOrder, bound: Any = None, where: Any = None) -> HttpResponse:
    context = _context(request, found) | {
        "layers": picture.layer(reverse("controlroom:work_point", args=[found.number]), _("Intervention")),
        "centre": [found.lon, found.lat] if found.lon is not None else None,
        "where": where or {"value": found.address, "lon": found.lon, "lat": found.lat, "error": ""},
        "forms": {
            "change": forms.Work.of(found),
            "assign": forms.Assign(choices=receivers(request.user), initial={"version": found.version}),
            "check": forms.Check(),
            "return": forms.Return(),
            "cancel": forms.Cancel(),
        },
        "wrong": "",
    }
    if bound is not None:
        context["forms"][bound.deed] = bound
        context["wrong"] = bound.deed
    wrong = bound is not None and bool(bound.errors)
    return render(request, "controlroom/orders/work.html", context, status=422 if wrong else 200)


@door("controlroom.work.see")
@require_safe
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """Return the panel of a work order, beside a map."""
    found = _found(request, number)
    if not request.headers.get("HX-Request"):
        return redirect("controlroom:work", number=number)
    return render(request, "controlroom/orders/panel.html", _context(request, found))


@door("controlroom.work.do")
@require_safe
def point(request: HttpRequest, number: str) -> HttpResponse:
    """Answer an order's point, for its own map."""
    return JsonResponse(picture.points([_found(request, number)], "controlroom:crew_work", "url"))


FORMS: dict[str, Any] = {one.deed: one for one in (forms.Check, forms.Return, forms.Cancel)}


def _form(request: HttpRequest, deed: str) -> Any:
    if deed == "change":
        return forms.Work(request.POST)
    if deed == "assign":
        return forms.Assign(request.POST, choices=receivers(request.user))
    if deed in FORMS:
        return FORMS[deed](request.POST)
    raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))


@door("controlroom.work.order")
@require_POST
def act(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """Do what a button of the console says; what is refused is said on the page, beside what was typed."""
    if deed in {"unassign", "restore"}:
        _simple(request, number, deed)
        return redirect("controlroom:work", number=number)
    form, where = _form(request, deed), None
    if form.is_valid():
        try:
            _typed(request, number, deed, form)
        except Refused as refused:
            if refused.status in {403, 404}:
                raise
            if refused.field == "where":
                where = {
                    "value": request.POST.get("where", "")[:200],
                    "lon": "",
                    "lat": "",
                    "error": refused.sentence,
                }
            if refused.code == "work-changed":  # the next try is made knowingly: on the version now shown
                form.data = form.data.copy()
                form.data["version"] = str(holding.find(number).version)
            refuse(form, refused)
        else:
            return redirect("controlroom:work", number=number)
    return _page(request, _found(request, number), form, where)


def _back(number: str, deed: str) -> str:
    return reverse("controlroom:work_act", args=[number, deed])


def _simple(request: HttpRequest, number: str, deed: str) -> None:
    if deed == "unassign":
        held = holding.find(number)
        before = held.crew.pid if held.crew else held.executor.pid if held.executor else ""
        ordering.unassign(request.user, number)
        undo.said(
            request,
            _("L'intervention attend de nouveau une équipe."),
            _back(number, "assign"),
            {"to": before},
        )
    else:
        ordering.restore(request.user, number)
        messages.success(request, _("L'intervention est reprise : confiez-la."))


def _typed(request: HttpRequest, number: str, deed: str, form: Any) -> None:
    data = form.cleaned_data
    match deed:
        case "change":
            ordering.change(
                request.user,
                number,
                data["version"],
                **form.words(),
                **where_of(request.POST),
                due=form.due(),
            )
            messages.success(request, _("C'est enregistré ; l'équipe qui l'a est prévenue."))
        case "assign":
            found = ordering.assign(request.user, number, data["to"], version=data["version"])
            said = _("Confiée à %(who)s, qui est prévenue.") % {"who": found.who}
            undo.said(request, said, _back(number, "unassign"), {})
        case "check":
            ordering.check(request.user, number, data["text"])
            messages.success(request, _("L'intervention est vérifiée et close."))
        case "return":
            ordering.give_back(request.user, number, data["reason"])
            messages.success(request, _("L'intervention est renvoyée à l'équipe."))
        case "cancel":
            ordering.cancel(request.user, number, data["reason"])
            undo.said(request, _("L'intervention est annulée."), _back(number, "restore"), {})
