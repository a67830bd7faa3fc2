"""The contact screen: one page for whoever calls, writes or comes, by keyboard; and the contacts that wait."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.errors import Refused
from ressort.services.controlroom.contacts import actions, forms, queries
from ressort.services.controlroom.contacts.actions import Noted
from ressort.services.controlroom.contacts.models import Enquiry
from ressort.services.controlroom.reports import queries as reports
from ressort.services.controlroom.reports import seen
from ressort.services.controlroom.reports.actions import making
from ressort.services.controlroom.reports.models import Report
from ressort.services.controlroom.reports.pages import bytes_of, spot_of
from ressort.services.controlroom.reports.seen import Seen
from ressort.web import printing, undo, words
from ressort.web.doors import door
from ressort.web.forms import refuse


@door("controlroom.enquiry.handle")
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Note a contact; what is known close by, and of the person, comes first."""
    data = request.POST if request.method == "POST" else QueryDict()
    form = forms.Contact(request.POST, request.FILES) if request.method == "POST" else forms.Contact()
    errors: dict[str, str] = {}
    near: list[reports.Near] = []
    if request.method == "POST" and form.is_valid():
        try:
            done, near = _noted(request, form, data)
        except Refused as refused:
            if refused.field == "where":
                errors["where"] = refused.sentence
            else:
                refuse(form, refused)
        else:
            if done is not None:
                return done
    context = {
        "form": form,
        "errors": errors,
        "spot": spot_of(data),
        "near": near,
        "known": queries.known(request.user, data.get("phone", ""), data.get("email", "")),
        "key": data.get("key", "")[:40] or uuid4().hex,
        "counts": queries.counts(request.user),
        "ride": queries.ride_link(request.user),
        "may_report": policy.allowed(request.user, "controlroom.report.make_for").ok,
    }
    status = 422 if errors or (form.is_bound and form.errors) else 200
    return render(request, "controlroom/contacts/desk.html", context, status=status)


def _noted(
    request: HttpRequest, form: forms.Contact, data: QueryDict
) -> tuple[HttpResponse | None, list[reports.Near]]:
    """Do what the form says; without an answer, what is close by is to be looked at first."""
    user: Any = request.user
    kind = form.cleaned_data["kind"]
    report: Report | None = None
    if kind == Enquiry.Kind.REPORT:
        report, near = _reported(request, form, data)
        if report is None:
            return None, near
    key = f"contact:{data.get('key', '')[:40]}" if data.get("key") else None
    made = actions.note(user, _of(form, report), form.reach(), key=key)
    if kind == Enquiry.Kind.RIDE and (link := queries.ride_link(user)):
        messages.success(request, _("Le contact est noté. Réservez le trajet ici."))
        return redirect(link), []
    return redirect("controlroom:contact", code=made.code), []


def _of(form: forms.Contact, report: Report | None) -> Noted:
    data = form.cleaned_data
    return Noted(
        data["channel"], data["kind"], data["mandate"], data["receipt"],
        subject="" if report else data["what"], text="" if report else data["text"], reference=data["reference"],
        answer=data["answer"], answered=data["answered"] and report is None, day=data["day"], report=report,
    )  # fmt: skip


def _reported(
    request: HttpRequest, form: forms.Contact, data: QueryDict
) -> tuple[Report | None, list[reports.Near]]:
    """Report for the person by the public's own actions, or count them with a report that says the same."""
    do, _sep, pid = data.get("do", "look")[:40].partition(":")
    actions.reachable(form.cleaned_data["receipt"], form.reach().checked())
    if do == "same":
        return making.support(request.user, pid, form.reach(), behalf=form.behalf()).report, []
    where = seen.where(
        data.get("where", ""), data.get("where_id", ""), data.get("where_lon"), data.get("where_lat")
    )
    near = reports.near(where.lon, where.lat, seen.category(form.cleaned_data["category"]))
    if near and do != "send":
        return None, near
    one = making.make(
        request.user,
        Seen(form.cleaned_data["category"], where, form.cleaned_data["text"]),
        form.reach(),
        photo=bytes_of(form.cleaned_data["photo"]),
        behalf=form.behalf(),
        key=f"desk:{data.get('key', '')[:40]}" if data.get("key") else None,
    )
    return one.report, []


@door("controlroom.enquiry.handle")
@require_POST
def known(request: HttpRequest) -> HttpResponse:
    """Say what is known of whoever calls; posted, so that no number stands in an address."""
    found = queries.known(
        request.user, request.POST.get("phone", "")[:40], request.POST.get("email", "")[:254]
    )
    return render(request, "controlroom/contacts/known.html", {"known": found})


@door("controlroom.enquiry.handle")
@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    """List the contacts that wait for an answer, the one due first at the top."""
    whose = request.GET.get("qui", "mine")
    whose = whose if whose in {"mine", "all", "over"} else "mine"
    search = request.GET.get("q", "").strip()[:40]
    context = {
        "rows": queries.waiting(request.user, whose=whose, search=search),
        "whose": whose,
        "search": search,
        "counts": queries.counts(request.user),
        "choices": (("mine", _("Les miens")), ("all", _("Tous")), ("over", _("Répondus"))),
    }
    return render(request, "controlroom/contacts/contacts.html", context)


@door("controlroom.enquiry.handle")
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest, code: str) -> HttpResponse:
    """Show a contact: what to read aloud, its deadline, its answer."""
    found = actions.find(request.user, code)
    form = forms.Answer()
    if request.method == "POST":
        if request.POST.get("do") == "reopen":
            actions.reopen(request.user, code)
            messages.success(request, _("Le contact attend de nouveau une réponse."))
            return redirect("controlroom:contact", code=found.code)
        form = forms.Answer(request.POST)
        if form.is_valid():
            try:
                actions.answer(request.user, code, form.cleaned_data["answer"])
            except Refused as refused:
                refuse(form, refused)
            else:
                back = reverse("controlroom:contact", args=[found.code])
                undo.said(
                    request,
                    _("La réponse est notée ; elle part comme la personne l'a choisi."),
                    back,
                    {"do": "reopen"},
                )
                return redirect("controlroom:contacts")
    context = {
        "enquiry": found,
        "person": getattr(found, "person", None),
        "told": queries.told(found),
        "form": form,
        "follower": found.report.followers.order_by("-pk").first() if found.report else None,
    }
    return render(request, "controlroom/contacts/contact.html", context, status=422 if form.errors else 200)


@door("controlroom.enquiry.handle")
@require_safe
def receipt(request: HttpRequest, code: str) -> HttpResponse:
    """Print the receipt that somebody takes away from the counter."""
    found = actions.find(request.user, code)
    told = queries.told(found)
    day = words.day(told.clock.due)
    data = {
        "title": _("Nous avons noté votre demande"),
        "code": found.code,
        "words": {"code": _("Numéro")},
        "qr_words": _("Code à scanner pour nous joindre"),
        "link": request.build_absolute_uri(reverse("web:home")),
        "parts": [
            {
                "title": _("Votre demande"),
                "lines": [told.subject, _("Vous aurez une réponse avant le %(day)s.") % {"day": day}],
            },
            {
                "title": _("Si vous rappelez"),
                "lines": [_("Dites ce numéro : nous retrouvons votre demande.")],
            },
        ],
    }
    return printing.download(f"recu-{found.code}", printing.pdf("paper", data))
