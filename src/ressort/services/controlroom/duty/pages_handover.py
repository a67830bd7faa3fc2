"""The handover: how things stand, what the leaving chief writes, who takes over; printed, and kept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.accounts.models import Organisation
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty import forms, picture, queries
from ressort.services.controlroom.duty.actions import handing
from ressort.services.controlroom.duty.shift_models import Handover
from ressort.web import printing, states
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 20
SEE = "controlroom.handover.see"


def _home(request: HttpRequest) -> int:
    return min(queries.mine(request.user, SEE))


@door("controlroom.handover.see")
@require_safe
def handover(request: HttpRequest) -> HttpResponse:
    """Show how things stand now, the notes, and the button that takes over."""
    return _page(request, None)


def _open(home: int) -> Handover | None:
    return Handover.objects.filter(organisation=home, taken=None).select_related("by").first()


def _page(request: HttpRequest, bound: forms.Notes | None, status: int = 200) -> HttpResponse:
    home = _home(request)
    found = _open(home)
    notes = forms.Notes(
        initial={"notes": found.notes if found else "", "version": found.version if found else 0}
    )
    if bound is not None:  # what was typed stays; the version is that of what is now shown above
        bound.data = {**bound.data.dict(), "version": str(found.version if found else 0)}  # type: ignore[attr-defined]  # a QueryDict
    ended = Handover.objects.filter(organisation=home).exclude(taken=None).select_related("by", "taken_by")
    context = {
        "handover": found,
        "sections": picture.told(picture.now(home)),
        "form": bound or notes,
        "mine": bool(found and found.by_id == request.user.pk),
        "may_write": policy.allowed(request.user, handing.WRITE).ok,
        "page": Paginator(ended.order_by("-taken"), PAGE).get_page(request.GET.get("page")),
        "now": service_now(),
    }
    template = "sections" if request.headers.get("HX-Request") else "handover"
    return render(request, f"controlroom/duty/{template}.html", context, status=status)


@door("controlroom.handover.see")
@require_safe
def past(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a handover as it was taken."""
    found = handing.find(request.user, pk)
    if found.taken is None:
        return redirect("controlroom:handover")
    context = {"handover": found, "sections": picture.told(found.picture)}
    return render(request, "controlroom/duty/handover_past.html", context)


@door("controlroom.handover.write")
@require_POST
def act(request: HttpRequest, deed: str) -> HttpResponse:
    """Write the notes, or take over."""
    match deed:
        case "ecrire":
            form = forms.Notes(request.POST)
            if not form.is_valid():
                return _page(request, form, 422)
            try:
                handing.write(
                    request.user, form.cleaned_data["notes"], version=form.cleaned_data["version"] or 0
                )
            except Refused as error:
                if error.status == 403:
                    raise
                refuse(form, error)
                return _page(request, form, error.status)
            messages.success(
                request, _("Les consignes sont écrites. La personne qui vous remplace prend la relève ici.")
            )
        case "prendre":
            numbers = [request.POST.get(name, "") for name in ("handover", "version")]
            if not all(one.isascii() and one.isdigit() and len(one) < 12 for one in numbers):
                raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
            try:
                taken = handing.take(request.user, int(numbers[0]), int(numbers[1]))
            except Refused as error:
                if error.status in {403, 404}:
                    raise
                messages.error(request, error.sentence)
                return redirect("controlroom:handover")
            messages.success(
                request, _("Vous avez pris la relève. Ce qui était en cours est gardé ci-dessous.")
            )
            return redirect("controlroom:handover_past", pk=taken.pk)
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    return redirect("controlroom:handover")


# ------------------------------------------------------------------ paper


@door("controlroom.handover.see")
@require_safe
def printed_now(request: HttpRequest) -> HttpResponse:
    """Print how things stand now."""
    home = _home(request)
    name = Organisation.objects.get(pk=home).name
    link = reverse("controlroom:handover")
    return _printed(request, name, _open(home), picture.now(home), link)


@door("controlroom.handover.see")
@require_safe
def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """Print a handover as it was taken."""
    found = handing.find(request.user, pk)
    if found.taken is None:
        return redirect("controlroom:handover_now_pdf")
    link = reverse("controlroom:handover_past", args=[pk])
    return _printed(request, found.organisation.name, found, found.picture, link)


def _moment(at: Any) -> str:
    return f"{localtime(at):%d/%m/%Y %H:%M}" if at else "–"


def _printed(
    request: HttpRequest, organisation: str, found: Handover | None, kept: picture.Picture, link: str
) -> HttpResponse:
    gone = _("compte effacé")
    at = found.taken if found and found.taken else service_now()
    facts = [[_("Salle"), organisation], [_("Au moment"), _moment(at)]]
    if found:
        facts.append([_("Consignes de"), f"{found.by.name if found.by else gone}, {_moment(found.written)}"])
        if found.taken:
            facts.append([_("Relève prise par"), found.taken_by.name if found.taken_by else gone])
    data = {
        "title": _("Relève"),
        "lead": _moment(at),
        "facts": facts,
        "notes": found.notes.split("\n") if found and found.notes else [],
        "sections": [
            {"title": one.title, "none": one.none, "rows": [_row(item) for item in one.items]}
            for one in picture.told(kept)
        ],
        "signed": bool(found and found.taken),
        "link": request.build_absolute_uri(link),
        "qr_words": _("Code à scanner pour ouvrir cette relève"),
        "words": {
            "notes": _("Consignes"),
            "no_notes": _("Aucune consigne."),
            "leaving": _("Quitte la salle (nom, heure)"),
            "taking": _("Prend la relève (nom, heure)"),
        },
    }
    return printing.download("releve", printing.pdf("handover", data))


def _row(item: picture.Item) -> list[str]:
    said = ", ".join(str(states.state(code).word) for code in item.states)
    return [_moment(item.since), item.text, item.note, said]
