"""The living style page: every piece of the face, shown with what a template writes to get it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import get_current_timezone
from django.views.decorators.http import require_safe

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.journal.models import Event
from ressort.web import icons, states, tokens
from ressort.web.charts import Chart, Series
from ressort.web.doors import door
from ressort.web.gantt import Lane, Mark, Plan, Span
from ressort.web.series import LiveChart

MINUTES = 30


class Sample(forms.Form):
    """Fields of every kind."""

    name = forms.CharField(label="Nom", help_text="Tel qu'on vous appelle.")
    phone = forms.CharField(label="Téléphone", required=False)
    when = forms.ChoiceField(
        label="Quand ?",
        choices=[("leave", "Partir à"), ("arrive", "Arriver avant")],
        widget=forms.RadioSelect,
        initial="leave",
    )
    seats = forms.IntegerField(label="Voyageurs", min_value=1, max_value=8, initial=2)
    wheelchair = forms.BooleanField(
        label="Fauteuil roulant", required=False, help_text="Une place adaptée est réservée."
    )
    commune = forms.ChoiceField(label="Commune", choices=[("21231", "Dijon"), ("21166", "Chenôve")])


@dataclass(frozen=True)
class Swatch:
    """A colour in both themes with its contrast on the surface."""

    name: str
    light: str
    dark: str


def _swatches() -> list[Swatch]:
    light, dark = tokens.colours("light"), tokens.colours("dark")
    return [Swatch(name, light[name], dark[name]) for name in light if not name.startswith("map-")]


def _charts() -> list[Chart]:
    hours = [f"{h} h" for h in range(6, 20)]
    rides = [4, 19, 31, 14, 9, 11, 16, 12, 10, 13, 28, 33, 18, 7]
    refused = [0, 2, 5, 1, 0, 0, 1, 0, 0, 1, 4, 6, 1, 0]
    wait = [6.2, 7.4, 9.1, 7.0, 5.8, None, None, 6.1, 6.0, 6.6, 8.4, 9.3, 7.2, 6.0]
    return [
        Chart(
            "Demandes par heure",
            hours,
            [Series("acceptées", rides), Series("refusées", refused)],
            hue="transport",
        ),
        Chart(
            "Attente moyenne",
            hours,
            [Series("minutes", wait)],
            kind="lines",
            unit="min",
            hue="transport",
            digits=1,
        ),
    ]


def _plan() -> Plan:
    now = service_now().replace(minute=20, second=0, microsecond=0)
    start = now - timedelta(hours=2, minutes=20)

    def at(minutes: int) -> datetime:
        return start + timedelta(minutes=minutes)

    lanes = []
    for rank, name in enumerate(("Navette 1", "Navette 2", "Navette 3")):
        shift = rank * 25
        spans = [Span(at(20 + shift), at(460), "shift", "Service")]
        for leg in range(5):
            begin = 40 + shift + leg * 70
            kind = "drive" if leg % 3 else "empty"
            spans.append(
                Span(
                    at(begin),
                    at(begin + 38),
                    f"{kind}{' done' if begin < 120 else ''}",
                    "12 min, 2 voyageurs",
                )
            )
        marks = [
            Mark(at(40 + shift + leg * 70 + part * 38), ("on", "off")[part], "Prise en charge", "")
            for leg in range(5)
            for part in (0, 1)
        ]
        lanes.append(Lane(name, spans, marks))
    return Plan(lanes, start, start + timedelta(hours=8), now)


def _pulse() -> LiveChart:
    """Count what the journal wrote in each of the last minutes: a series that really grows."""
    now = service_now().replace(second=0, microsecond=0)
    minutes = [now - timedelta(minutes=back) for back in range(MINUTES, 0, -1)]
    counted = Counter(
        at.replace(second=0, microsecond=0)
        for at in Event.objects.filter(at__gte=minutes[0], at__lt=now).values_list("at", flat=True)
    )
    return LiveChart(
        "Ce que le journal écrit, minute par minute",
        [minute.astimezone(get_current_timezone()) for minute in minutes],
        [Series("événements", [float(counted[minute]) for minute in minutes])],
        source=reverse("web:style_series"),
        topic="journal",
    )


@door("journal.see")
@require_safe
def series(_request: HttpRequest) -> JsonResponse:
    """Give the live series of the style page again."""
    return JsonResponse(_pulse().data())


@door("style.see")
@require_safe
@translation.override("fr")  # it shows French samples: the page says so to those who hear it
def style(request: HttpRequest) -> HttpResponse:
    """Show the components; for those who write pages, in French only."""
    now = service_now()
    wrong = Sample({"name": "", "when": "leave", "seats": "0", "commune": "21231"})
    wrong.is_valid()
    context = {
        "swatches": _swatches(),
        "icons": sorted(icons.ICONS),
        "states": list(states.states()),
        "form": Sample(prefix="s"),
        "wrong": wrong,
        "charts": _charts(),
        "pulse": _pulse() if policy.allowed(request.user, "journal.see") else None,
        "plan": _plan(),
        "moments": [now + timedelta(minutes=m) for m in (0, 12, -7, 95, -26 * 60, 22 * 60, -9 * 1440)],
        "job": SimpleNamespace(
            kind="network.load", state="running", done=0.42, step="Tuiles de rues, zoom 13 sur 14", error=""
        ),
        "events": [
            {"at": now - timedelta(minutes=9), "text": "Trajet proposé", "hue": "info"},
            {"at": now - timedelta(minutes=4), "text": "Proposition acceptée", "hue": "ok"},
            {"at": now, "text": "La navette 3 arrive à l'arrêt Darcy", "hue": "transport", "now": True},
        ],
        "hues": ("controlroom", "transport", "producers", "initiatives", "making", "observatory"),
    }
    return render(request, "web/style.html", context)
