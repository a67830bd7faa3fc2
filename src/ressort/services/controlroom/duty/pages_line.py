"""One line of duty: its roster with holes and overlaps, its turns, its settings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty import bands, forms, queries
from ressort.services.controlroom.duty.actions import lines, planning
from ressort.services.controlroom.duty.models import AutoCall, DutyLine, DutyTurn
from ressort.services.controlroom.duty.pages import may, people_choices
from ressort.web import undo, words
from ressort.web.doors import door
from ressort.web.forms import refuse

WEEKS = (4, 8, 13, 26)
FORMS = {
    one.deed: one for one in (forms.Line, forms.Turn, forms.Rotation, forms.Replace, forms.Swap, forms.Auto)
}


def find(request: HttpRequest, pid: str) -> DutyLine:
    """Return a line that this person may see."""
    found = DutyLine.objects.select_related("chief", "organisation").filter(pid=pid).first()
    if found is None:
        raise Unknown("duty-line", _("Cette ligne d'astreinte n'existe pas."))
    authorise(request.user, queries.SEE, found)
    return found


@door("controlroom.duty.see")
@require_safe
def line(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the roster of a line."""
    return _page(request, find(request, pid), None, request.GET.get("tour", ""))


def _page(request: HttpRequest, found: DutyLine, bound: Any, turn_pk: str) -> HttpResponse:
    asked = request.GET.get("semaines", "")
    weeks = int(asked) if asked in {str(one) for one in WEEKS} else WEEKS[0]
    (roster,) = queries.rosters([found], ahead=timedelta(weeks=weeks))
    turn = _turn(found, turn_pk)
    people = queries.contacts(request.user).filter(organisation=found.organisation_id)
    context: dict[str, Any] = {
        "line": found,
        "roster": roster,
        "bands": bands.drawn(roster),
        "weeks": weeks,
        "spans": WEEKS,
        "turn": turn,
        "people": people,
        "autos": list(found.autos.select_related("rule")),
        "calls": list(queries.cascades(request.user).filter(line=found)[:5]),
        **may(request),
    }
    context["forms"] = _forms(found, turn, people_choices(people), bound)
    context["wrong"] = bound.deed if bound is not None and bound.errors else ""
    status = 422 if context["wrong"] else 200
    return render(request, "controlroom/duty/line.html", context, status=status)


def _turn(found: DutyLine, pk: str) -> DutyTurn | None:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 12):
        return None
    turn: DutyTurn | None = queries.turns(found.turns.filter(pk=int(pk))).first()
    return turn


def _forms(found: DutyLine, turn: DutyTurn | None, people: Any, bound: Any) -> dict[str, Any]:
    today = localtime(service_now()).date()
    friday = today + timedelta(days=(4 - today.weekday()) % 7)
    span = {
        "from_day": friday,
        "from_hour": "17:00",
        "until_day": friday + timedelta(days=7),
        "until_hour": "17:00",
    }
    made: dict[str, Any] = {
        "tour": forms.Turn(people=people, initial=span),
        "rotation": forms.Rotation(people=people, initial={"first": friday, "hour": "17:00"}),
        "office": forms.Auto(),
        "regler": forms.Line(
            people=people,
            initial={
                "name": found.name,
                "purpose": found.purpose,
                "ranks": found.ranks,
                "minutes": found.minutes,
                "chief": found.chief_id,
            },
        ),
    }
    if turn is not None:
        start, end = localtime(turn.starts), localtime(turn.ends)
        made["remplacer"] = forms.Replace(people=people, initial={
            "from_day": start.date(), "from_hour": f"{start:%H:%M}", "until_day": end.date(), "until_hour": f"{end:%H:%M}",
        })  # fmt: skip
        made["echanger"] = forms.Swap(others=_others(turn))
    if bound is not None:
        made[bound.deed] = bound
    return made


def _others(turn: DutyTurn) -> list[tuple[str, str]]:
    """Return the turns to come of other people of the line, as a field offers them."""
    found = turn.line.turns.filter(ends__gt=service_now()).exclude(contact=turn.contact_id)
    return [
        (str(one.pk), f"{one.contact.name}, {_day(one.starts)} – {_day(one.ends)}")
        for one in found.select_related("contact")[:60]
    ]


def _day(at: Any) -> str:
    here = localtime(at)
    return f"{words.day(here)} {words.hour(here)}"


# ------------------------------------------------------------------ deeds


@door("controlroom.duty.plan")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Do something on a line; what is refused is said on its page, beside what was typed."""
    found = find(request, pid)
    form_class = FORMS.get(deed)
    if form_class is None:
        _simple(request, found, deed)
        return redirect("controlroom:duty_line", pid=pid)
    turn_pk = request.POST.get("turn", "")
    turn = _turn(found, turn_pk)
    if deed in {"remplacer", "echanger"} and turn is None:
        raise Unknown("turn", _("Ce tour n'est plus au tableau : rechargez la page."))
    people = people_choices(queries.contacts(request.user).filter(organisation=found.organisation_id))
    more = {"others": _others(turn)} if deed == "echanger" and turn else {"people": people}
    form = form_class(request.POST, **more)
    if form.is_valid():
        try:
            _typed(request, found, deed, form, turn)
        except Refused as error:
            if error.status in {403, 404}:
                raise
            refuse(form, error)
        else:
            return redirect("controlroom:duty_line", pid=pid)
    return _page(request, find(request, pid), form, turn_pk)


def _back(found: DutyLine, deed: str) -> str:
    return reverse("controlroom:duty_line_act", args=[found.pid, deed])


def _span(data: dict[str, Any]) -> tuple[Any, Any]:
    return (
        planning.instant(data["from_day"], data["from_hour"]),
        planning.instant(data["until_day"], data["until_hour"]),
    )


def _typed(request: HttpRequest, found: DutyLine, deed: str, form: Any, turn: DutyTurn | None) -> None:
    user: Any = request.user
    data = form.cleaned_data
    match deed:
        case "tour":
            made = planning.plan(user, found.pid, data["rank"], int(data["contact"]), *_span(data))
            sentence = _("Le tour de %(name)s est au tableau.") % {"name": made.contact.name}
            undo.said(request, sentence, _back(found, "retirer"), {"turn": made.pk})
        case "rotation":
            batch = planning.rotate(
                user, found.pid, data["rank"], form.people(), data["first"], data["hour"], data["weeks"]
            )
            sentence = _("%(weeks)d tours d'une semaine sont au tableau.") % {"weeks": data["weeks"]}
            undo.said(request, sentence, _back(found, "retirer-rotation"), {"batch": batch})
        case "remplacer" if turn:
            made_over = planning.replace(user, turn.pk, int(data["contact"]), *_span(data))
            undo.said(
                request,
                _("%(name)s remplace %(other)s.")
                % {"name": made_over.contact.name, "other": turn.contact.name},
                _back(found, "rendre"),
                {"replacement": made_over.pk},
            )
        case "echanger" if turn:
            planning.swap(user, turn.pk, int(data["other"]))
            half = turn.replacements.order_by("-pk").first()
            sentence = _("Les deux tours sont échangés.")
            undo.said(request, sentence, _back(found, "rendre"), {"replacement": half.pk if half else 0})
        case "office":
            auto = lines.add_auto(user, found.pid, **data)
            undo.said(
                request,
                _("Cette astreinte sera appelée d'office."),
                _back(found, "retirer-office"),
                {"auto": auto.pk},
            )
        case "regler":
            lines.change_line(user, found.pid, **data)
            messages.success(request, _("C'est enregistré."))


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused("bad-row", _("Rechargez la page et recommencez."), status=409)
    return int(text)


def _simple(request: HttpRequest, found: DutyLine, deed: str) -> None:
    """Do what takes no more than a button, and say how to take it back."""
    user: Any = request.user
    match deed:
        case "retirer":
            gone = planning.unplan(user, _number(request, "turn"))
            start, end = localtime(gone.starts), localtime(gone.ends)
            fields = {
                "contact": gone.contact_id, "rank": gone.rank, "from_day": start.date(), "from_hour": f"{start:%H:%M}",
                "until_day": end.date(), "until_hour": f"{end:%H:%M}",
            }  # fmt: skip
            sentence = _("Le tour de %(name)s est retiré.") % {"name": gone.contact.name}
            undo.said(request, sentence, _back(found, "tour"), fields)
        case "retirer-rotation":
            count = planning.unrotate(user, found.pid, request.POST.get("batch", "")[:24])
            messages.success(request, _("%(count)d tours à venir sont retirés.") % {"count": count})
        case "rendre":
            planning.give_back(user, _number(request, "replacement"))
            messages.success(request, _("Le remplacement est retiré : le tour est de nouveau comme prévu."))
        case "retirer-office":
            gone_auto: AutoCall = lines.drop_auto(user, found.pid, _number(request, "auto"))
            undo.said(
                request,
                _("L'appel d'office est retiré."),
                _back(found, "office"),
                {
                    "of": gone_auto.of,
                    "severity": gone_auto.severity,
                    "priority": gone_auto.priority,
                    "category": gone_auto.category,
                },
            )
        case "fermer" | "rouvrir":
            closed = deed == "fermer"
            lines.close_line(user, found.pid, closed=closed)
            sentence = (
                _("L'astreinte est fermée : on ne l'appelle plus.")
                if closed
                else _("L'astreinte est rouverte.")
            )
            undo.said(request, sentence, _back(found, "rouvrir" if closed else "fermer"), {})
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
