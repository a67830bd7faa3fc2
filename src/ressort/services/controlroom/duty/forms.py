"""Forms of duty."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.alarms.models import Severity
from ressort.services.controlroom.duty.models import AutoCall, DutyContact
from ressort.services.controlroom.duty.shift_models import Presence
from ressort.services.controlroom.incidents.models import Incident
from ressort.web.forms import DeedForm

_OFF = {"autocomplete": "off"}
PLACES = 6
"""People of a rotation that its form offers."""


def _words(choices: Any) -> list[tuple[str, str]]:
    return [(value, capfirst(str(label))) for value, label in choices.choices]


def _text(label: Any, most: int, *, wrong: Any = "", **more: Any) -> forms.CharField:
    if wrong:
        more["error_messages"] = {"required": wrong}
    return forms.CharField(
        label=label,
        max_length=most,
        required=bool(wrong),
        widget=more.pop("widget", forms.TextInput(attrs=_OFF)),
        **more,
    )


def _whole(label: Any, low: int, high: int, sentence: Any, **more: Any) -> forms.IntegerField:
    wrong = dict.fromkeys(("required", "invalid", "min_value", "max_value"), sentence)
    return forms.IntegerField(label=label, min_value=low, max_value=high, error_messages=wrong, **more)


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Choisissez un jour."),
            "invalid": gettext_lazy("Écrivez une date."),
        },
    )


def _hour(label: Any, *, required: bool = True) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=required,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Choisissez une heure."),
            "invalid": gettext_lazy("Écrivez l'heure ainsi : 06:30."),
        },
    )


def _choice(label: Any, sentence: Any, *, required: bool = True, **more: Any) -> forms.ChoiceField:
    wrong = dict.fromkeys(("required", "invalid_choice"), sentence)
    return forms.ChoiceField(label=label, required=required, error_messages=wrong, **more)


class _Form(DeedForm):
    """A form that may offer the people of a line."""

    def __init__(self, *args: Any, people: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("contact", "chief", *(f"who{n}" for n in range(1, PLACES + 1))):
            if name in self.fields:
                nobody = [("", _("Personne") if name != "contact" else _("Choisir…"))]
                self.fields[name].choices = nobody + list(people)  # type: ignore[attr-defined]


_PERSON = gettext_lazy("Choisissez une personne de la liste d'astreinte.")


class Line(_Form):
    """A line of duty."""

    deed = "regler"
    name = _text(
        gettext_lazy("Nom"),
        60,
        wrong=gettext_lazy("Donnez un nom : « Astreinte voirie »."),
        help_text=gettext_lazy("Par exemple « Astreinte voirie »."),
    )
    purpose = _text(gettext_lazy("Pour quoi l'appeler"), 200)
    ranks = _whole(
        gettext_lazy("Combien de rangs"),
        1,
        6,
        gettext_lazy("De un à six rangs."),
        initial=2,
        help_text=gettext_lazy("Le premier est appelé d'abord, puis le deuxième s'il ne répond pas."),
    )
    minutes = _whole(
        gettext_lazy("Minutes laissées à chaque rang"), 2, 60, gettext_lazy("De 2 à 60 minutes."), initial=10
    )
    chief = _choice(gettext_lazy("Responsable, prévenu si personne ne répond"), _PERSON, required=False)  # fmt: skip


class Contact(_Form):
    """Somebody who takes turns."""

    deed = "personne"
    name = _text(gettext_lazy("Nom"), 120, wrong=gettext_lazy("Écrivez un nom."))
    phone = _text(gettext_lazy("Téléphone"), 40, widget=forms.TextInput(attrs={"type": "tel", **_OFF}))
    email = _text(
        gettext_lazy("Adresse électronique"),
        254,
        help_text=gettext_lazy("Celle de son compte ici, s'il y en a un."),
        widget=forms.EmailInput(attrs={**_OFF, "autocapitalize": "none"}),
    )
    by = _choice(
        gettext_lazy("Prévenir par"),
        gettext_lazy("Choisissez comment la prévenir."),
        choices=lambda: _words(DutyContact.By),
        initial="both",
        widget=forms.RadioSelect,
    )


class Turn(_Form):
    """A turn."""

    deed = "tour"
    contact = _choice(gettext_lazy("Qui"), _PERSON)
    rank = _whole(
        gettext_lazy("Rang"), 1, 6, gettext_lazy("Choisissez un rang de cette astreinte."), initial=1
    )
    from_day = _day(gettext_lazy("Du"))
    from_hour = _hour(gettext_lazy("à partir de"))
    until_day = _day(gettext_lazy("Au"))
    until_hour = _hour(gettext_lazy("jusqu'à"))


class Rotation(_Form):
    """Turns of a week each, one person after the other."""

    deed = "rotation"
    rank = _whole(
        gettext_lazy("Rang"), 1, 6, gettext_lazy("Choisissez un rang de cette astreinte."), initial=1
    )
    first = _day(gettext_lazy("Premier jour"))
    hour = _hour(gettext_lazy("Heure de relève"))
    weeks = _whole(
        gettext_lazy("Combien de semaines"), 1, 104, gettext_lazy("De 1 à 104 semaines."), initial=12
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        for number in range(1, PLACES + 1):
            self.base_fields[f"who{number}"] = _choice(
                gettext_lazy("Personne"), _PERSON, required=number == 1
            )
        super().__init__(*args, **kwargs)
        for number in range(1, PLACES + 1):
            self.fields[f"who{number}"].label = _("Semaine %(n)d") % {"n": number}

    @property
    def places(self) -> list[Any]:
        """The fields of the people, in order."""
        return [self[f"who{number}"] for number in range(1, PLACES + 1)]

    def people(self) -> list[int]:
        """Return the people chosen, in order."""
        chosen = [self.cleaned_data.get(f"who{number}") for number in range(1, PLACES + 1)]
        return [int(one) for one in chosen if one]


class Replace(_Form):
    """Somebody else for a turn, or a part of it."""

    deed = "remplacer"
    contact = _choice(gettext_lazy("Qui remplace"), _PERSON)
    from_day = _day(gettext_lazy("Du"))
    from_hour = _hour(gettext_lazy("à partir de"))
    until_day = _day(gettext_lazy("Au"))
    until_hour = _hour(gettext_lazy("jusqu'à"))


class Swap(_Form):
    """Another turn."""

    deed = "echanger"
    other = _choice(gettext_lazy("Contre le tour de"), gettext_lazy("Choisissez un autre tour."))

    def __init__(self, *args: Any, others: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = list(others)  # type: ignore[attr-defined]


class Auto(_Form):
    """What calls by itself."""

    deed = "office"
    of = _choice(
        gettext_lazy("Appeler d'office pour"),
        gettext_lazy("Choisissez ce qui appelle l'astreinte."),
        choices=lambda: _words(AutoCall.Of),
        initial="alarm",
        widget=forms.RadioSelect,
    )
    severity = _choice(
        gettext_lazy("Alarme : gravité, au moins"),
        gettext_lazy("Choisissez une gravité de la liste."),
        choices=lambda: _words(Severity),
        initial=Severity.MAJOR,
        required=False,
    )
    priority = _choice(
        gettext_lazy("Incident : priorité, au moins"),
        gettext_lazy("Choisissez une priorité de la liste."),
        choices=lambda: _words(Incident.Priority),
        initial="high",
        required=False,
    )
    category = _choice(
        gettext_lazy("Incident : catégorie"),
        gettext_lazy("Choisissez une catégorie de la liste."),
        choices=lambda: [("", _("Toutes")), *_words(Incident.Category)],
        required=False,
    )


class Call(_Form):
    """A line to call."""

    deed = "appeler"
    line = _choice(gettext_lazy("Quelle astreinte ?"), gettext_lazy("Choisissez une astreinte."))
    why = _text(
        gettext_lazy("Pourquoi ?"),
        160,
        help_text=gettext_lazy("Ce que lira la personne appelée : ce qui se passe, où, ce qu'on attend d'elle."),
    )  # fmt: skip
    incident = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    alarm = forms.IntegerField(required=False, min_value=1, max_value=2**31, widget=forms.HiddenInput)

    def __init__(self, *args: Any, lines: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = list(lines)  # type: ignore[attr-defined]


class Answer(_Form):
    """An answer to a call."""

    deed = "reponse"
    note = _text(
        gettext_lazy("Une précision"),
        200,
        help_text=gettext_lazy("« J'y suis dans 20 min », « je suis malade »."),
    )


class Post(_Form):
    """A desk of the room."""

    deed = "prendre"
    duty = _choice(
        gettext_lazy("Vous êtes"),
        gettext_lazy("Choisissez ce que vous faites en salle."),
        choices=lambda: _words(Presence.Duty),
        initial="operator",
        widget=forms.RadioSelect,
    )
    desk = _text(
        gettext_lazy("Pupitre"), 60, widget=forms.TextInput(attrs={**_OFF, "list": "desks"}),
        help_text=gettext_lazy("Où l'on vous trouve : « Pupitre 2 », « table de crise »."),
    )  # fmt: skip


class Notes(_Form):
    """What the next shift should know."""

    deed = "ecrire"
    notes = forms.CharField(
        label=gettext_lazy("Consignes pour la suite"),
        max_length=6000,
        required=False,
        help_text=gettext_lazy("Ce qui n'est pas déjà dans la liste : à surveiller, à rappeler, promis à quelqu'un."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )  # fmt: skip
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31, widget=forms.HiddenInput)
