"""A rule as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.alarms import wording
from ressort.services.controlroom.alarms.acting import SHELVES
from ressort.services.controlroom.alarms.models import Rule, Severity

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class Lasting(forms.CharField):
    """A duration as it is written: ``10 min``."""

    def clean(self, value: Any) -> Any:
        """Return seconds."""
        text = super().clean(value)
        if not text:
            return 0
        try:
            return int(wording.lasting(text))
        except ValueError:
            raise forms.ValidationError(_("Écrivez une durée : 30 s, 10 min, 2 h.")) from None


def lasting(seconds: int) -> str:
    """Return seconds as they are written in the form."""
    for unit in ("j", "h", "min"):
        if seconds and seconds % wording.UNITS[unit] == 0:
            return f"{seconds // wording.UNITS[unit]} {unit}"
    return f"{seconds} s" if seconds else ""


class RuleForm(forms.Form):
    """A rule to write."""

    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=80,
        help_text=gettext_lazy("Ce qu'un opérateur lira : Air pollué, Compteur muet."),
        error_messages={"required": gettext_lazy("Nommez la règle.")},
    )
    devices = forms.CharField(
        label=gettext_lazy("Capteurs"),
        max_length=400,
        help_text=gettext_lazy("Leurs codes ; * remplace des lettres : air-*, comptage-1*."),
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"required": gettext_lazy("Dites quels capteurs : * pour tous.")},
    )
    lines = forms.CharField(
        label=gettext_lazy("Conditions"),
        max_length=2000,
        help_text=gettext_lazy(
            "Une par ligne : no2 > 200 fin 180 ; niveau monte de plus de 20 en 10 min ; passages silencieux depuis 1 h ; passages inhabituels ; contredit par son témoin."
        ),
        widget=forms.Textarea(attrs={"rows": 4, **_PLAIN}),
        error_messages={"required": gettext_lazy("Écrivez au moins une condition.")},
    )
    every = forms.TypedChoiceField(
        label=gettext_lazy("Il faut"),
        choices=(("1", gettext_lazy("toutes les conditions")), ("", gettext_lazy("une des conditions"))),
        coerce=bool,
        empty_value="",
        required=False,
        initial="1",
    )
    severity = forms.TypedChoiceField(
        label=gettext_lazy("Gravité"), choices=Severity.choices, coerce=int, initial=Severity.NORMAL.value
    )
    lasts = Lasting(
        label=gettext_lazy("Pendant"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("Avant l'alarme : 10 min. Vide : tout de suite."),
    )
    clears = Lasting(
        label=gettext_lazy("Finie après"),
        max_length=12,
        required=False,
        help_text=gettext_lazy("Retour à la normale pendant : 5 min. Vide : tout de suite."),
    )
    rises = forms.CharField(
        label=gettext_lazy("Elle s'aggrave"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Une ligne par pas, gravité de 1 à 4 : 30 min : 3."),
        widget=forms.Textarea(attrs={"rows": 2, **_PLAIN}),
    )
    spans = forms.CharField(
        label=gettext_lazy("Seulement"),
        max_length=600,
        required=False,
        help_text=gettext_lazy("Jours et heures, un par ligne : lun-ven 08:00-18:00. Vide : toujours."),
        widget=forms.Textarea(attrs={"rows": 2, **_PLAIN}),
    )
    escalate = Lasting(
        label=gettext_lazy("Sans réponse après"),
        max_length=12,
        required=False,
        initial="15 min",
        help_text=gettext_lazy("Elle est alors signalée à tous. Vide : jamais."),
    )
    advice = forms.CharField(
        label=gettext_lazy("Que faire"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    active = forms.BooleanField(label=gettext_lazy("Au travail"), required=False, initial=True)
    shadow = forms.BooleanField(
        label=gettext_lazy("À l'essai"),
        required=False,
        help_text=gettext_lazy("Ses alarmes sont notées, personne n'est appelé."),
    )


def initial(rule: Rule) -> dict[str, Any]:
    """Return a rule as its form shows it."""
    shown = {name: getattr(rule, name) for name in RuleForm.base_fields}
    for name in ("lasts", "clears", "escalate"):
        shown[name] = lasting(shown[name])
    shown["every"] = "1" if rule.every else ""
    return shown


class ShelveForm(forms.Form):
    """How long an alarm is put aside, and why."""

    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Pendant"),
        choices=[
            (SHELVES[0], gettext_lazy("un quart d'heure")),
            (SHELVES[1], gettext_lazy("une heure")),
            (SHELVES[2], gettext_lazy("quatre heures")),
            (SHELVES[3], gettext_lazy("un jour")),
        ],
        coerce=int,
    )
    why = forms.CharField(
        label=gettext_lazy("Pourquoi"),
        max_length=200,
        error_messages={"required": gettext_lazy("Dites pourquoi, en quelques mots.")},
    )
