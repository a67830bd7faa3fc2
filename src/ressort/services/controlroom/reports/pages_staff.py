"""Pages of the console: the list of reports, the panel of one, the desk for somebody else, the categories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms as django_forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.reports import forms, queries, seen
from ressort.services.controlroom.reports.actions import handling, making
from ressort.services.controlroom.reports.models import Report
from ressort.services.controlroom.reports.pages import bytes_of, spot_of
from ressort.services.controlroom.reports.queries import Wanted
from ressort.services.controlroom.reports.seen import Seen
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 50


@door("controlroom.report.see")
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """List reports, those whose delay ends first at the top."""
    asked = request.GET
    wanted = Wanted(
        state=asked.get("etat", "open")[:10],
        category=asked.get("categorie", "")[:40],
        late=asked.get("retard") == "1",
        mine=asked.get("miens") == "1",
    )
    page = Paginator(queries.listed(wanted, request.user), PAGE).get_page(asked.get("page"))
    context = {
        "page": page,
        "rows": [(one, queries.look_of(one), queries.place_of(one)) for one in page],
        "wanted": wanted,
        "filtered": wanted != Wanted(),
        "states": (
            ("open", _("En cours")),
            (Report.State.RECEIVED, _("À prendre")),
            ("closed", _("Clos")),
            ("all", _("Tous")),
        ),
        "categories": queries.categories(every=True),
        "counts": queries.counts(),
        "may_make_for": policy.allowed(request.user, "controlroom.report.make_for").ok,
        "may_sort": policy.allowed(request.user, "controlroom.category.manage").ok,
    }
    return render(request, "controlroom/report_board.html", context)


@door("controlroom.report.see")
@require_safe
def panel(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the panel of a report, or its own page."""
    return _panel(request, making.find(pid))


def _panel(request: HttpRequest, found: Report, **wrong: django_forms.Form) -> HttpResponse:
    may = policy.allowed(request.user, "controlroom.report.handle", found)
    context = {
        "report": found,
        "look": queries.look_of(found),
        "place": queries.place_of(found),
        "words": getattr(found, "words", None),
        "photo": getattr(found, "photo", None),
        "steps": list(found.steps.all()),
        "followers": list(found.followers.order_by("pk")[:20]),
        "similar": queries.similar(found) if found.is_open and may.ok else [],
        "incident": queries.incident_link(found),
        "may": may.ok,
        "why_not": may.why,
        "wrong": next(iter(wrong), ""),
        "forms": {
            name: wrong.get(name) or made(auto_id=f"{name}-%s")
            for name, (made, _deed) in DEEDS.items()
            if made
        },
    }
    if request.headers.get("HX-Request"):
        template = "controlroom/report_panel.html"
    else:
        template = "controlroom/report_alone.html"
    return render(request, template, context, status=422 if wrong else 200)


type Done = tuple[Callable[..., django_forms.Form] | None, Callable[[Any, str, dict[str, Any]], Report]]

DEEDS: dict[str, Done] = {
    "take": (None, lambda user, pid, _data: handling.take(user, pid)),
    "release": (None, lambda user, pid, _data: handling.release(user, pid)),
    "plan": (forms.Plan, lambda user, pid, data: handling.plan(user, pid, data["day"], data["text"])),
    "finish": (forms.Answer, lambda user, pid, data: handling.finish(user, pid, data["text"])),
    "refuse": (
        forms.Refusal,
        lambda user, pid, data: handling.refuse(user, pid, data["reason"], data["text"]),
    ),
    "merge": (forms.Merge, lambda user, pid, data: handling.merge(user, pid, data["into"])),
    "hand": (
        forms.Hand,
        lambda user, pid, data: handling.hand(user, pid, data["organisation"], data["text"]),
    ),
    "sort": (forms.Sort, lambda user, pid, data: handling.sort(user, pid, data["category"])),
    "reopen": (None, lambda user, pid, _data: handling.reopen(user, pid)),
    "show": (None, lambda user, pid, _data: handling.show(user, pid, shown=True)),
    "hide": (None, lambda user, pid, _data: handling.show(user, pid, shown=False)),
}
"""What a panel's buttons do: the form they carry, the action."""


def _said(deed: str) -> str:
    return {
        "take": _("Signalement pris en charge."),
        "release": _("Signalement rendu."),
        "plan": _("Intervention prévue ; les personnes qui suivent sont prévenues."),
        "finish": _("Signalement réparé ; les personnes qui suivent sont prévenues."),
        "refuse": _("Signalement sans suite ; les personnes qui suivent sont prévenues."),
        "merge": _("Les deux signalements n'en font plus qu'un."),
        "hand": _("Signalement transmis."),
        "sort": _("Catégorie corrigée."),
        "reopen": _("Signalement rouvert."),
        "show": _("Texte et photo publiés."),
        "hide": _("Texte et photo retirés du public."),
    }[deed]


_BACK = {
    "take": "release",
    "finish": "reopen",
    "refuse": "reopen",
    "merge": "reopen",
    "show": "hide",
    "hide": "show",
}
"""Which deed takes a deed back."""


@door("controlroom.report.handle")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Do what a button of the panel says."""
    if deed not in DEEDS:
        raise Unknown("deed", _("Ce geste n'existe pas : rechargez la page."))
    made, do = DEEDS[deed]
    form = made(request.POST, auto_id=f"{deed}-%s") if made else None
    if form is None or form.is_valid():
        try:
            do(request.user, pid, form.cleaned_data if form else {})
        except Refused as refused:
            if form is None or refused.status in {403, 404}:
                raise
            refuse(form, refused)
        else:
            if deed in _BACK:
                undo.said(
                    request,
                    _said(deed),
                    reverse("controlroom:report_act", args=[pid, _BACK[deed]]),
                    {"back": "1"},
                )
            else:
                messages.success(request, _said(deed))
            return redirect("controlroom:report_panel", pid=pid)
    return _panel(request, making.find(pid), **{deed: form})


@door("controlroom.report.make_for")
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Report for somebody on the phone, at the counter or by letter; what is known close by comes first."""
    data = request.POST if request.method == "POST" else QueryDict()
    form = forms.Desk(request.POST, request.FILES) if request.method == "POST" else forms.Desk()
    errors: dict[str, str] = {}
    near: list[queries.Near] = []
    if request.method == "POST" and form.is_valid():
        do, _sep, pid = data.get("do", "send")[:40].partition(":")
        try:
            if do == "same":
                one = making.support(request.user, pid, form.reach(), behalf=form.behalf())
                return redirect("controlroom:report_for_done", code=one.code)
            where = seen.where(
                data.get("where", ""), data.get("where_id", ""), data.get("where_lon"), data.get("where_lat")
            )
            near = queries.near(where.lon, where.lat, seen.category(form.cleaned_data["category"]))
            if do == "send" or (do == "look" and not near):
                one = making.make(
                    request.user,
                    Seen(form.cleaned_data["category"], where, form.cleaned_data["text"]),
                    form.reach(),
                    photo=bytes_of(form.cleaned_data["photo"]),
                    behalf=form.behalf(),
                    key=f"desk:{data.get('key', '')[:40]}" if data.get("key") else None,
                )
                return redirect("controlroom:report_for_done", code=one.code)
        except Refused as refused:
            if refused.field == "where":
                errors["where"] = refused.sentence
            else:
                refuse(form, refused)
    context = {
        "form": form,
        "errors": errors,
        "spot": spot_of(data),
        "near": near,
        "key": data.get("key", "")[:40] or uuid4().hex,
    }
    status = 422 if errors or (form.is_bound and form.errors) else 200
    return render(request, "controlroom/report_desk.html", context, status=status)


@door("controlroom.report.make_for")
@require_safe
def desk_done(request: HttpRequest, code: str) -> HttpResponse:
    """Show what to read aloud once it is noted: the code, who answers, before when."""
    one = making.follower(code)
    context = {"follower": one, "report": one.report, "place": queries.place_of(one.report)}
    return render(request, "controlroom/report_desk_done.html", context)
