"""Forms of paper bundles: how often, which sheet, and what was written on it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.bundles import making
from ressort.services.controlroom.incidents.models import Incident, Line
from ressort.web import words
from ressort.web.forms import DeedForm


def _rhythms() -> list[tuple[str, str]]:
    return [
        (
            str(one),
            _("toutes les %(time)s") % {"time": words.duration(one * 60)} if one else _("jamais d'elle-même"),
        )
        for one in making.RHYTHMS
    ]


def _choices(choices: Any) -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in choices.choices]


class Rhythm(DeedForm):
    """How often a situation prints itself."""

    deed = "rythme"
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Une liasse"),
        choices=_rhythms,
        coerce=int,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choisissez un rythme de la liste.")
        ),
    )


class Code(forms.Form):
    """The code of a sheet."""

    code = forms.CharField(
        label=gettext_lazy("Code de la fiche"),
        max_length=20,
        help_text=gettext_lazy("Neuf signes, imprimés à côté du numéro : 7KQ-M2P-XA9."),
        error_messages={"required": gettext_lazy("Recopiez le code imprimé sur la fiche.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class Sheet(forms.Form):
    """What somebody wrote on a sheet."""

    what = forms.ChoiceField(
        label=gettext_lazy("La fiche raconte"),
        choices=[
            ("incident", gettext_lazy("Un nouvel incident")),
            ("line", gettext_lazy("La suite d'un incident")),
        ],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"),
            gettext_lazy("Dites si la fiche raconte un nouvel incident, ou la suite d'un autre."),
        ),
    )
    day = forms.DateField(
        label=gettext_lazy("Jour"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Écrivez la date ainsi : 15/09/2026.")
        ),
    )
    hour = forms.TimeField(
        label=gettext_lazy("Heure"),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Recopiez l'heure de la fiche, ainsi : 14:30.")
        ),
    )
    text = forms.CharField(
        label=gettext_lazy("Ce qui s'est passé"),
        max_length=4000,
        error_messages={"required": gettext_lazy("Recopiez ce que dit la fiche.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    number = forms.ChoiceField(
        label=gettext_lazy("Quel incident"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choisissez un incident de la liste.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("C'est"),
        choices=lambda: _choices(Line.Kind),
        initial=str(Line.Kind.FIELD),
        required=False,
    )
    title = forms.CharField(
        label=gettext_lazy("L'incident en une phrase"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=gettext_lazy("Catégorie"),
        choices=lambda: [("", _("Choisir…")), *_choices(Incident.Category)],
        required=False,
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priorité"),
        choices=lambda: _choices(Incident.Priority),
        initial="normal",
        required=False,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, incidents: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].choices = [("", _("Choisir…")), *incidents]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what each of the two stories needs."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("what") == "line":
            if not found.get("number") and "number" not in self.errors:
                self.add_error("number", _("Choisissez l'incident dont la fiche raconte la suite."))
        elif found.get("what") == "incident":
            for name, sentence in (
                ("title", _("Dites en une phrase ce qui se passe.")),
                ("category", _("Choisissez une catégorie.")),
                ("priority", _("Choisissez une priorité.")),
            ):
                if not found.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return found

    def moment(self) -> datetime:
        """Return when it happened, as the sheet says."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["hour"], get_default_timezone())
