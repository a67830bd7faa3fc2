"""One incident: its page, its panel beside the map, what people do on it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.accounts.models import Organisation, User
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty import queries as duty
from ressort.services.controlroom.incidents import files, forms, picture, queries, runs
from ressort.services.controlroom.incidents.actions import closing, handling, holding, sharing
from ressort.services.controlroom.incidents.models import Attachment, Incident, Todo
from ressort.services.controlroom.incidents.pages import situation_choices
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

FORMS = {one.deed: one for one in (
    forms.Edit, forms.Prioritise, forms.Log, forms.Correct, forms.Task, forms.Involve, forms.Share, forms.Join,
    forms.Close, forms.Merge, forms.Attach,
)}  # fmt: skip
PARTS = {"etat": "state", "taches": "todos", "journal": "log", "procedures": "runs", "appels": "calls"}


@door("controlroom.incident.read")
@require_safe
def incident(request: HttpRequest, number: str) -> HttpResponse:
    """Show an incident whole; with htmx, only the part asked for."""
    access = queries.open_for(request.user, number)
    part = PARTS.get(request.GET.get("part", ""))
    if request.headers.get("HX-Request") and part:
        template = {"runs": "incidents/runs_live", "calls": "duty/incident_calls"}
        name = template.get(part, f"incidents/incident_{part}")
        return render(request, f"controlroom/{name}.html", _context(access, part))
    text = request.GET.get("corriger", "")
    correct = (
        forms.Correct(initial={"line": text})
        if text.isascii() and text.isdigit() and len(text) < 12
        else None
    )
    return _page(request, access, correct)


def _page(request: HttpRequest, access: queries.Access, bound: Any = None, where: Any = None) -> HttpResponse:
    found = access.incident
    context = _context(access)
    if access.handle:
        context |= _forms(found, bound)
        context["where"] = where or {"value": found.address, "lon": found.lon, "lat": found.lat, "error": ""}
        context["people"] = User.objects.filter(
            memberships__organisation=found.organisation_id,
            memberships__role__in=("operator", "dispatcher", "agent"),
        ).distinct()[:60]
        context["organisations"] = Organisation.objects.exclude(pk=found.organisation_id)[:100]
        context["others"] = (
            queries.visible(request.user).filter(state__in=Incident.OPEN).exclude(pk=found.pk)[:60]
        )
    wrong = bool(bound is not None and bound.is_bound and bound.errors)
    return render(request, "controlroom/incidents/incident.html", context, status=422 if wrong else 200)


def _context(access: queries.Access, part: str = "") -> dict[str, Any]:
    """Return what the page shows, or one of its parts."""
    found = queries.with_all(Incident.objects.filter(pk=access.incident.pk)).get()
    now = service_now()
    context: dict[str, Any] = {
        "access": access,
        "incident": found,
        "told": queries.told(found, now),
        "now": now,
    }
    family = holding.family(found)
    context["todos"] = list(Todo.objects.filter(incident__in=family).select_related("done_by", "incident"))
    context["left"] = sum(one.done is None and one.dropped is None for one in context["todos"])
    if part in {"", "log"}:
        context["history"] = queries.history(found)
    if part in {"", "runs"}:
        context["runs"] = runs.of(found, now)
    if part in {"", "calls"}:
        context["calls"] = duty.of_incident(family)
    if part == "":
        context["startable"] = runs.startable(found) if access.handle and found.is_open else []
        context["layers"] = picture.layer(found.number, _("Incident"))
        context["centre"] = [found.lon, found.lat] if found.lon is not None else None
        context["involved"] = [
            (row, row.shared_until and row.shared_until > now)
            for row in found.involved.select_related("organisation")
        ]
        joined = Attachment.objects.filter(incident__in=family, removed=None)
        context["files"] = list(joined.select_related("by", "incident"))
        context["merged"] = [one for pk, one in family.items() if pk != found.pk]
    return context


def _forms(found: Incident, bound: Any) -> dict[str, Any]:
    today = localtime(service_now()).date()
    made: dict[str, Any] = {
        "edit": forms.Edit(initial={"title": found.title, "category": found.category}),
        "prioritise": forms.Prioritise(initial={"priority": found.priority}),
        "log": forms.Log(),
        "task": forms.Task(),
        "involve": forms.Involve(),
        "share": forms.Share(initial={"until": today + timedelta(days=7)}),
        "join": forms.Join(),
        "close": forms.Close(initial={"report": found.report}),
        "merge": forms.Merge(),
        "attach": forms.Attach(
            situations=situation_choices(),
            initial={"situation": found.situation.pid if found.situation else ""},
        ),
        "correct": None,
    }
    if bound is not None:
        name = next(name for name, one in _NAMES.items() if one is type(bound))
        made[name] = bound
        made["wrong"] = name if bound.is_bound else ""
    return {"forms": made}


_NAMES = {
    "edit": forms.Edit, "prioritise": forms.Prioritise, "log": forms.Log, "task": forms.Task, "involve": forms.Involve,
    "share": forms.Share, "join": forms.Join, "close": forms.Close, "merge": forms.Merge, "attach": forms.Attach,
    "correct": forms.Correct,
}  # fmt: skip


@door("controlroom.incident.read")
@require_safe
def panel(request: HttpRequest, number: str) -> HttpResponse:
    """Return the panel of an incident, beside a map."""
    access = queries.open_for(request.user, number)
    if not request.headers.get("HX-Request"):
        return redirect("controlroom:incident", number=number)
    return render(request, "controlroom/incidents/panel.html", _context(access, "panel"))


@door("controlroom.incident.read")
@require_safe
def point(request: HttpRequest, number: str) -> HttpResponse:
    """Answer an incident's point, for its own map."""
    return JsonResponse(picture.point(queries.open_for(request.user, number).incident))


@door("controlroom.incident.read")
@require_safe
def attachment(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Answer a file joined to an incident: shown for what it is, never run."""
    found = queries.open_for(request.user, number).incident
    row = Attachment.objects.filter(pk=pk, incident__in=holding.family(found), removed=None).first()
    if row is None or not files.path(row.digest).is_file():
        raise Unknown("file", _("Cette pièce n'est pas (ou plus) sur cet incident."))
    answer = HttpResponse(files.path(row.digest).read_bytes(), content_type=row.mime)
    answer["Content-Disposition"] = content_disposition_header(not row.is_picture, row.name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@door("controlroom.incident.handle")
@require_POST
def act(request: HttpRequest, number: str, deed: str) -> HttpResponse:
    """Do something on an incident; what is refused is said on its page, beside what was typed."""
    form_class = FORMS.get(deed)
    if form_class is None:
        _simple(request, number, deed)
        return redirect(
            (request.POST.get("next") == "board" and "controlroom:incidents") or _address(number, deed)
        )
    access = queries.open_for(request.user, number)
    more = {"situations": situation_choices()} if form_class is forms.Attach else {}
    form = form_class(request.POST, request.FILES, **more)
    where = None
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
            refuse(form, refused)
        else:
            return redirect(_address(number, deed))
    return _page(request, access, form, where)


def _address(number: str, deed: str) -> str:
    anchors = {"ligne": "#log", "corriger": "#log", "tache": "#todos", "faite": "#todos", "defaite": "#todos",
               "abandonnee": "#todos", "associer": "#who", "retirer": "#who", "partager": "#who",
               "departager": "#who", "joindre": "#files", "retirer-piece": "#files", "remettre-piece": "#files"}  # fmt: skip
    return reverse("controlroom:incident", args=[number]) + anchors.get(deed, "")


def _back(number: str, deed: str) -> str:
    return reverse("controlroom:incident_act", args=[number, deed])


def _row(request: HttpRequest) -> int:
    text = request.POST.get("row", "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
    return int(text)


def _simple(request: HttpRequest, number: str, deed: str) -> None:
    """Do what takes no more than a button, and say how to take it back."""
    user: Any = request.user
    match deed:
        case "prendre":
            handling.take(user, number)
            undo.said(
                request,
                _("Vous prenez %(number)s en charge.") % {"number": number},
                _back(number, "rendre"),
                {},
            )
        case "rendre":
            handling.release(user, number)
            undo.said(
                request,
                _("%(number)s attend de nouveau quelqu'un.") % {"number": number},
                _back(number, "prendre"),
                {},
            )
        case "faite" | "defaite" | "abandonnee":
            pk = _row(request)
            words = {"faite": "done", "defaite": "undone", "abandonnee": "dropped"}
            task = handling.mark_task(user, number, pk, words[deed])
            said = {
                "faite": _("« %(task)s » est fait."),
                "defaite": _("« %(task)s » est à faire."),
                "abandonnee": _("« %(task)s » est abandonné."),
            }[deed] % {"task": task.text}
            back = _back(number, "faite" if deed == "defaite" else "defaite")
            undo.said(request, said, back, {"row": pk})
        case "retirer":
            name = sharing.dismiss(user, number, _row(request))
            undo.said(
                request,
                _("%(name)s n'y est plus.") % {"name": name},
                _back(number, "associer"),
                {"organisation": name},
            )
        case "departager":
            row = sharing.unshare(user, number, _row(request))
            messages.success(request, _("%(name)s ne lit plus cet incident.") % {"name": row.name})
        case "retirer-piece" | "remettre-piece":
            pk, removed = _row(request), deed == "retirer-piece"
            sharing.mark_file(user, number, pk, removed=removed)
            said = _("La pièce est retirée.") if removed else _("La pièce est remise.")
            undo.said(
                request, said, _back(number, "remettre-piece" if removed else "retirer-piece"), {"row": pk}
            )
        case "rouvrir":
            again = closing.reopen(user, number)
            messages.success(
                request,
                _("%(number)s est rouvert : ses délais repartent.") % {"number": again.number},
            )
        case "separer":
            found = closing.unmerge(user, number)
            messages.success(
                request, _("%(number)s est de nouveau un incident à part.") % {"number": found.number}
            )
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))


def _typed(request: HttpRequest, number: str, deed: str, form: Any) -> None:
    """Do what takes something typed."""
    user: Any = request.user
    data = form.cleaned_data
    match deed:
        case "modifier":
            handling.change(user, number, **data, **forms.where_of(request.POST))
            messages.success(request, _("C'est enregistré."))
        case "priorite":
            before = handling.prioritise(user, number, data["priority"])
            undo.said(
                request,
                _("La priorité et les délais ont changé."),
                _back(number, "priorite"),
                {"priority": before},
            )
        case "ligne":
            at = _at(data["hour"]) if data["hour"] else None
            handling.log(user, number, data["text"], kind=data["kind"], at=at)
        case "corriger":
            handling.log(user, number, data["text"], corrects=data["line"])
            messages.success(
                request, _("La correction est à côté de la ligne ; celle-ci reste comme elle était.")
            )
        case "tache":
            handling.add_task(user, number, data["task"], data["who"])
        case _:
            _typed_at_the_side(request, number, deed, data)


def _typed_at_the_side(request: HttpRequest, number: str, deed: str, data: dict[str, Any]) -> None:
    """Do what is typed about organisations, files, and the end."""
    user: Any = request.user
    match deed:
        case "associer":
            sharing.involve(user, number, data["organisation"])
        case "partager":
            row = sharing.share(user, number, data["row"], data["until"])
            undo.said(
                request,
                _("%(name)s peut lire cet incident.") % {"name": row.name},
                _back(number, "departager"),
                {"row": row.pk},
            )
        case "joindre":
            sharing.join(user, number, data["file"].name, data["file"].read(files.MOST + 1))
            messages.success(request, _("La pièce est jointe."))
        case "clore":
            closing.close(user, number, data["outcome"], data["report"])
            undo.said(request, _("%(number)s est clos.") % {"number": number}, _back(number, "rouvrir"), {})
        case "fusionner":
            other = closing.merge(user, number, data["into"])
            undo.said(request, _("%(number)s est fusionné dans %(into)s.") % {"number": number, "into": other.number},
                      _back(number, "separer"), {})  # fmt: skip
        case "situation":
            handling.attach(user, number, data["situation"])
            messages.success(request, _("C'est enregistré."))


def _at(hour: Any) -> datetime:
    """Return the last moment at which it was that hour."""
    now = localtime(service_now())
    at = now.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0)
    return at if at <= now else at - timedelta(days=1)
