"""Forms of offerings and of the first service."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation
from ressort.core.errors import Refused
from ressort.core.fleet.models import Vehicle
from ressort.core.territory.models import Place
from ressort.services.transport.actions.offerings import LIMITS, STOPS
from ressort.services.transport.models import Hours, Offering
from ressort.web.forms import among

_SPAN = re.compile(r"(\d{1,2})\s*[h:]\s*(\d{2})?\s*(?:-|–|à)\s*(\d{1,2})\s*[h:]\s*(\d{2})?")
MINUTES = {"wait_s", "promise_s", "ride_extra_s", "ride_floor_s"}
"""Rules kept in seconds and typed in minutes."""

RULES = (
    ("book_days", _("Réserver au plus tôt (jours avant)")),
    ("book_minutes", _("Réserver au plus tard (minutes avant)")),
    ("cancel_minutes", _("Annuler au plus tard (minutes avant)")),
    ("passengers_max", _("Voyageurs par réservation")),
    ("luggage_max", _("Bagages par réservation")),
    ("walk_m", _("Marche la plus longue (mètres)")),
    ("wait_s", _("Attente la plus longue (minutes)")),
    ("promise_s", _("Largeur du créneau promis (minutes)")),
    ("ride_extra_s", _("Allongement du trajet, au plus (minutes)")),
    ("ride_floor_s", _("Durée à bord toujours permise (minutes)")),
    ("pickup_s", _("Temps de montée (secondes)")),
    ("dropoff_s", _("Temps de descente (secondes)")),
    ("wheelchair_s", _("En plus pour un fauteuil (secondes)")),
)
SCHOOL_DAYS = [(day, word) for day, word in Hours.Day.choices if day != Hours.Day.HOLIDAY]
"""Days that have hours of their own in the school holidays: a public holiday keeps its own all year."""
_NUMBER = {"invalid": _("Écrivez un nombre."), "required": _("Écrivez un nombre.")}


def read_hours(text: str, field: str) -> list[tuple[int, int]]:
    """Return the openings of a day typed as « 6:30-12:00, 14:00-19:00 »; an end past midnight is of the next morning.

    Raises
    ------
    Refused
        If it cannot be read.
    """
    spans = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]|\bet\b", text))):
        found = _SPAN.fullmatch(part)
        numbers = [int(n or 0) for n in found.groups()] if found else [99] * 4
        if numbers[0] > 23 or numbers[2] > 30 or max(numbers[1], numbers[3]) > 59:
            raise Refused("bad-hours", _("Écrivez les heures ainsi : 6:30-12:00, 14:00-19:00."), field=field)
        opens, closes = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
        spans.append((opens, closes + 1440 if closes <= opens else closes))
    return spans


def write_hours(spans: list[tuple[int, int]]) -> str:
    """Return openings as :func:`read_hours` reads them."""

    def said(minutes: int) -> str:
        return f"{minutes // 60 % 24:02}:{minutes % 60:02}"

    return ", ".join(f"{said(opens)}-{said(closes)}" for opens, closes in spans)


class OfferingForm(forms.Form):
    """A draft of an offering: dates, hours, riders, rules, stops, vehicles."""

    valid_from = forms.DateField(
        label=_("En vigueur à partir du"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": _("Écrivez la date ainsi : 15/09/2026."),
            "required": _("Indiquez le premier jour."),
        },
    )
    valid_to = forms.DateField(
        label=_("Jusqu'au"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Écrivez la date ainsi : 15/09/2026.")},
    )
    riders = forms.ChoiceField(label=_("Qui peut voyager"), choices=Offering.Riders.choices)
    school = forms.ChoiceField(
        label=_("Pendant les vacances scolaires"),
        choices=Offering.School.choices,
        widget=forms.RadioSelect,
    )
    price = forms.DecimalField(
        label=_("Prix par voyageur (€)"),
        decimal_places=2,
        max_digits=6,
        localize=True,
        error_messages=_NUMBER,
    )
    ride_factor = forms.FloatField(
        label=_("Allongement du trajet (facteur)"), localize=True, error_messages=_NUMBER
    )
    all_places = forms.ChoiceField(
        label=_("Arrêts"),
        choices=[("all", _("Tous les arrêts en service")), ("some", _("Ceux que je coche"))],
        widget=forms.RadioSelect,
    )
    places = forms.ModelMultipleChoiceField(
        Place.objects.none(), label=_("Arrêts desservis"), required=False, widget=forms.CheckboxSelectMultiple
    )
    vehicles = forms.ModelMultipleChoiceField(
        Vehicle.objects.none(), label=_("Véhicules"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, organisation: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "places", Place.objects.filter(kind__in=STOPS, active=True).order_by("name"))
        vans = Vehicle.objects.filter(organisation=organisation, active=True)
        among(self, "vehicles", vans.order_by("name"))
        for key, label in RULES:
            low, high = (bound // 60 if key in MINUTES else bound for bound in LIMITS[key])
            self.fields[key] = forms.IntegerField(
                label=label,
                widget=forms.NumberInput(attrs={"min": low, "max": high, "inputmode": "numeric"}),
                error_messages=_NUMBER,
            )
        for day, word in Hours.Day.choices:
            self.fields[f"day_{day}"] = forms.CharField(
                label=str(word).capitalize(), required=False, max_length=80
            )
        for day, word in SCHOOL_DAYS:
            self.fields[f"school_day_{day}"] = forms.CharField(
                label=_("%(day)s, en vacances") % {"day": str(word).capitalize()},
                required=False,
                max_length=80,
            )

    @classmethod
    def of(cls, draft: Offering) -> OfferingForm:
        """Return the form filled with a draft."""
        kept_as_is = ("valid_from", "valid_to", "riders", "school", "ride_factor")
        initial = {key: getattr(draft, key) for key in kept_as_is}
        initial["price"] = Decimal(draft.price_cents).scaleb(-2)
        for key, _label in RULES:
            value = getattr(draft, key)
            initial[key] = round(value / 60) if key in MINUTES else value
        week: dict[str, list[tuple[int, int]]] = {}
        for one in draft.hours.all():
            week.setdefault(f"{'school_day' if one.school else 'day'}_{one.day}", []).append(
                (one.opens, one.closes)
            )
        initial |= {name: write_hours(spans) for name, spans in week.items()}
        kept = list(draft.places.values_list("pk", flat=True))
        every = Place.objects.filter(kind__in=STOPS, active=True).count()
        initial |= {"places": kept, "all_places": "all" if len(kept) in {0, every} else "some"}
        initial["vehicles"] = list(draft.vehicles.values_list("pk", flat=True))
        return cls(initial=initial, organisation=draft.organisation_id)

    @property
    def days(self) -> list[Any]:
        """The fields of the hours, in the order of the week."""
        return [self[f"day_{day}"] for day in Hours.Day.values]

    @property
    def school_days(self) -> list[Any]:
        """The fields of the hours of the school holidays, in the order of the week."""
        return [self[f"school_day_{day}"] for day, _word in SCHOOL_DAYS]

    @property
    def rules(self) -> list[Any]:
        """The fields of the rules."""
        return [self[key] for key, _label in RULES]

    def wanted(self) -> dict[str, Any]:
        """Return what the action takes.

        Raises
        ------
        Refused
            If the hours of a day cannot be read.
        """
        data = self.cleaned_data
        rules = {key: data[key] * (60 if key in MINUTES else 1) for key, _label in RULES}
        every = Place.objects.filter(kind__in=STOPS, active=True)
        places = every if data["all_places"] == "all" else data["places"]
        return rules | {
            "valid_from": data["valid_from"],
            "valid_to": data["valid_to"],
            "riders": data["riders"],
            "school": data["school"],
            "ride_factor": data["ride_factor"],
            "price_cents": round(data["price"] * 100),
            "hours": {day: read_hours(data[f"day_{day}"], f"day_{day}") for day in Hours.Day.values},
            "school_hours": {
                day: read_hours(data[f"school_day_{day}"], f"school_day_{day}") for day, _word in SCHOOL_DAYS
            },
            "places": list(places),
            "vehicles": list(data["vehicles"]),
        }


class NewOffering(forms.Form):
    """The name of a new offering, and whose it is."""

    name = forms.CharField(
        label=_("Nom de l'offre"), max_length=80, error_messages={"required": _("Donnez un nom à l'offre.")}
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="pid",
        label=_("Organisation"),
        empty_label=None,
        error_messages={
            "required": _("Choisissez une organisation."),
            "invalid_choice": _("Choisissez une de vos organisations."),
        },
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "organisation", organisations)


class FirstService(forms.Form):
    """What a first service takes, with usual answers."""

    name = forms.CharField(
        label=_("Nom du service"), max_length=80, error_messages={"required": _("Donnez un nom au service.")}
    )
    vehicles = forms.IntegerField(label=_("Véhicules"), initial=2, error_messages=_NUMBER)
    seats = forms.IntegerField(label=_("Places assises de chacun"), initial=8, error_messages=_NUMBER)
    wheelchairs = forms.IntegerField(
        label=_("Places pour fauteuil de chacun"), initial=1, error_messages=_NUMBER
    )
    depot = forms.ModelChoiceField(
        Place.objects.none(),
        to_field_name="public_id",
        label=_("Où dorment les véhicules"),
        empty_label=None,
        help_text=_("À côté d'un arrêt ; vous pourrez le préciser ensuite."),
        error_messages={
            "required": _("Choisissez un arrêt."),
            "invalid_choice": _("Choisissez un arrêt de la liste."),
        },
    )
    opens = forms.TimeField(
        label=_("Premier départ"),
        initial=time(6, 30),
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
        error_messages={"invalid": _("Écrivez l'heure ainsi : 06:30."), "required": _("Indiquez l'heure.")},
    )
    closes = forms.TimeField(
        label=_("Fin du service"),
        initial=time(19, 30),
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
        error_messages={"invalid": _("Écrivez l'heure ainsi : 19:30."), "required": _("Indiquez l'heure.")},
    )
    days = forms.TypedMultipleChoiceField(
        label=_("Jours de service"),
        choices=lambda: [(day, str(label).capitalize()) for day, label in Hours.Day.choices],
        coerce=int,
        initial=[0, 1, 2, 3, 4],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choisissez au moins un jour."),
            "invalid_choice": _("Choisissez des jours de la liste."),
        },
    )
    price = forms.DecimalField(
        label=_("Prix par voyageur (€)"),
        initial="1.80",
        decimal_places=2,
        max_digits=6,
        localize=True,
        error_messages=_NUMBER,
    )
