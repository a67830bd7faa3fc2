"""Bundles on the page of their situation; and the sheets that are typed back."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts.policy import allowed, authorise
from ressort.core.clock import service_now
from ressort.core.codes import typed as read_code
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.bundles import files, forms, making, queries, typing_back
from ressort.services.controlroom.bundles.models import PaperSheet
from ressort.services.controlroom.bundles.typing_back import Written
from ressort.services.controlroom.incidents.actions import situations
from ressort.services.controlroom.incidents.forms import where_of
from ressort.services.controlroom.incidents.situation_models import Situation
from ressort.web import printing
from ressort.web.doors import door
from ressort.web.forms import refuse


def section(user: Any, situation: Situation) -> dict[str, Any]:
    """Return what the page of a situation shows of its bundles; nothing for whoever may not read them."""
    if not allowed(user, making.SEE, situation):
        return {}
    may = allowed(user, making.MAKE, situation).ok and not situation.closed
    return {
        "situation": situation,
        "bundles": queries.of(situation),
        "may": may,
        "due": making.due(situation),
        "form": forms.Rhythm(initial={"minutes": making.minutes(situation)}),
        "printer": bool(settings.PRINT_COMMAND),
        "now": service_now(),
    }


@door("controlroom.bundle.see")
@require_safe
def bundles(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the bundles of a situation alone: what its page asks for again when one is ready."""
    found = situations.find(pid)
    authorise(request.user, making.SEE, found)
    if not request.headers.get("HX-Request"):
        return redirect(reverse("controlroom:situation", args=[pid]) + "#paper")
    return render(request, "controlroom/bundles/list.html", section(request.user, found))


@door("controlroom.bundle.make")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Ask for a bundle now, change the rhythm, or send a bundle to the printer."""
    try:
        match deed:
            case "imprimer":
                making.ask(request.user, pid)
                messages.success(request, _("La liasse se prépare : elle est dans la liste dans un instant."))
            case "rythme":
                form = forms.Rhythm(request.POST)
                if not form.is_valid():
                    raise Refused("bad-rhythm", _("Choisissez un rythme de la liste."))  # noqa: TRY301
                making.pace(request.user, pid, form.cleaned_data["minutes"])
                messages.success(request, _("Le rythme des liasses est changé."))
            case "imprimante":
                making.send(request.user, request.POST.get("bundle", "")[:24])
                messages.success(request, _("La liasse part vers l'imprimante."))
            case _:
                raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        messages.error(request, refused.sentence)
    return redirect(reverse("controlroom:situation", args=[pid]) + "#paper")


@door("controlroom.bundle.see")
@require_safe
def pdf(request: HttpRequest, pid: str) -> HttpResponse:
    """Download a bundle."""
    found = making.find(request.user, pid)
    try:
        data = files.path(found.file).read_bytes()
    except (ValueError, FileNotFoundError):
        raise Unknown(
            "bundle-file",
            _("Ce document n'est pas encore prêt, ou son temps est passé : choisissez-en un autre."),
        ) from None
    name = f"liasse-{found.number}-{localtime(found.at):%Y%m%d-%H%M}"
    return printing.download(f"EXERCICE-{name}" if found.situation.exercise else name, data)


# ------------------------------------------------------------------ typing back


@door("controlroom.sheet.type")
@require_http_methods(["GET", "HEAD", "POST"])
def sheets(request: HttpRequest, pid: str) -> HttpResponse:
    """Ask for the code of a sheet, and show those of a situation that are typed already."""
    found = situations.find(pid)
    authorise(request.user, typing_back.TYPE, found)
    form = forms.Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = typing_back.find(request.user, form.cleaned_data["code"])
        except Unknown as unknown:
            form.add_error("code", unknown.sentence)
        else:
            return redirect("controlroom:paper_sheet", code=sheet.code)
    context = {"situation": found, "form": form, "typed": queries.typed(found)}
    return render(request, "controlroom/bundles/sheets.html", context, status=422 if form.errors else 200)


@door("controlroom.sheet.type")
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Type what a sheet says."""
    found = typing_back.find(request.user, code[:20])
    if code != found.code:
        return redirect("controlroom:paper_sheet", code=found.code)
    told = queries.told_of(found)
    status = 200
    if request.method == "POST":
        form = forms.Sheet(request.POST, incidents=told)
        status = 422
        if form.is_valid():
            try:
                incident = typing_back.type_back(request.user, code, _written(request, form))
            except Refused as refused:
                if refused.status in {403, 404}:
                    raise
                refuse(form, refused)
                status = refused.status
                found = typing_back.find(request.user, code)
            else:
                messages.success(request, _("La fiche est saisie : elle ne comptera pas deux fois."))
                return redirect("controlroom:incident", number=incident.number)
    else:
        at = localtime(found.bundle.at)
        form = forms.Sheet(initial={"day": at.date(), "priority": "normal", "kind": "field"}, incidents=told)
    context = {
        "sheet": found,
        "situation": found.bundle.situation,
        "form": form,
        "known": typing_back.known(found),
        "where": {part: request.POST.get(name, "")[:200] for part, name in WHERE.items()},
    }
    return render(request, "controlroom/bundles/sheet.html", context, status=status)


WHERE = {"value": "where", "lon": "where_lon", "lat": "where_lat"}


def _written(request: HttpRequest, form: forms.Sheet) -> Written:
    data = form.cleaned_data
    place = where_of(request.POST) if data["what"] == "incident" else {}
    return Written(
        what=data["what"],
        text=data["text"],
        at=form.moment(),
        number=data["number"],
        kind=data["kind"] or "field",
        title=data["title"],
        category=data["category"],
        priority=data["priority"],
        **place,
    )


def find_by_code(code: str) -> str | None:
    """Return the page on which a sheet is typed, by its code."""
    found = PaperSheet.objects.filter(code=read_code(code)).values_list("code", flat=True).first()
    return reverse("controlroom:paper_sheet", args=[found]) if found else None
