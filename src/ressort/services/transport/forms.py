"""Forms of on-demand transport."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.services.transport import access, wishes
from ressort.services.transport.models import Offering
from ressort.services.transport.wishes import Spot, Wish

NOW, AFTER, BEFORE = "now", "after", "before"


class Trip(forms.Form):
    """A trip wished: two places (read beside the form), a moment, who travels."""

    mode = forms.ChoiceField(
        label=_("Quand ?"),
        choices=[(NOW, _("Au plus tôt")), (AFTER, _("Partir après")), (BEFORE, _("Arriver avant"))],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    day = forms.DateField(
        label=_("Jour"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Écrivez la date ainsi : 15/09/2026.")},
    )
    hour = forms.TimeField(
        label=_("Heure"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M"),
        error_messages={"invalid": _("Écrivez l'heure ainsi : 14:30.")},
    )
    passengers = forms.IntegerField(
        label=_("Voyageurs"), initial=1, error_messages={"invalid": _("Écrivez un nombre.")}
    )
    wheelchairs = forms.IntegerField(
        label=_("Dont en fauteuil roulant"),
        initial=0,
        required=False,
        error_messages={"invalid": _("Écrivez un nombre.")},
    )
    luggage = forms.IntegerField(
        label=_("Gros bagages"),
        initial=0,
        required=False,
        error_messages={"invalid": _("Écrivez un nombre.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, most in (("passengers", 6), ("wheelchairs", 4), ("luggage", 4)):
            low = "1" if name == "passengers" else "0"
            self.fields[name].widget.attrs |= {"min": low, "max": str(most), "inputmode": "numeric"}

    def moment(self, offering: Offering) -> datetime:
        """Return the instant asked for; « as soon as possible » is the earliest that may be booked.

        Raises
        ------
        Refused
            If a day or an hour is missing, or that hour does not exist.
        """
        data = self.cleaned_data
        if data["mode"] == NOW:
            return service_now() + timedelta(minutes=offering.book_minutes)
        if not data["hour"]:
            raise Refused("no-hour", _("Dites à quelle heure."), field="hour")
        day: date = data["day"] or access.local(service_now()).date()
        hour: time = data["hour"]
        return access.at_home(datetime.combine(day, hour.replace(tzinfo=None)))

    def wish(self, origin: Spot, destination: Spot) -> Wish:
        """Return the whole wish."""
        data = self.cleaned_data
        here = access.local(service_now())
        day = data["day"] or here.date()
        at = self.moment(access.in_force(here if data["mode"] == NOW else access.noon(day)))
        return Wish(
            origin,
            destination,
            at,
            data["mode"] == BEFORE,
            data["passengers"],
            data["wheelchairs"] or 0,
            data["luggage"] or 0,
        )


def spot_of(data: QueryDict, field: str) -> Spot:
    """Read a place picker: an id, a point, or words."""
    return wishes.spot(
        field,
        text=data.get(field, ""),
        place=data.get(f"{field}_id", ""),
        lon=data.get(f"{field}_lon"),
        lat=data.get(f"{field}_lat"),
    )


class Traveller(forms.Form):
    """Who travels, and how to reach them."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Écrivez le nom de la personne qui voyage.")},
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=40,
        required=False,
        help_text=_("Pour vous prévenir d'un changement."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        required=False,
        help_text=_("Pour recevoir la confirmation et le rappel de la veille."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )
    note = forms.CharField(
        label=_("Précision pour le conducteur"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class Delay(forms.Form):
    """A delay, in minutes."""

    minutes = forms.IntegerField(label=_("Minutes de retard"), min_value=1, max_value=180, initial=5)
