"""Forms of incidents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.errors import Refused
from ressort.core.network.build import active_version
from ressort.core.network.geocoder import Geocoder
from ressort.services.controlroom.incidents.models import Incident, Line
from ressort.web.forms import DeedForm

_OFF = {"autocomplete": "off"}


def _words(choices: Any) -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in choices.choices]


class NewIncident(DeedForm):
    """An incident to open."""

    deed = "new"
    title = forms.CharField(
        label=gettext_lazy("Que se passe-t-il ?"),
        max_length=120,
        help_text=gettext_lazy("En une phrase : « Arbre tombé en travers de la chaussée »."),
        error_messages={"required": gettext_lazy("Dites en une phrase ce qui se passe.")},
        widget=forms.TextInput(attrs=_OFF),
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priorité"),
        choices=lambda: _words(Incident.Priority),
        initial="normal",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez une priorité.")},
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Catégorie"),
        choices=lambda: [("", _("Choisir…")), *_words(Incident.Category)],
        error_messages={"required": gettext_lazy("Choisissez une catégorie.")},
    )
    situation = forms.ChoiceField(label=gettext_lazy("Situation"), required=False)
    organisation = forms.ChoiceField(label=gettext_lazy("Au nom de"), required=False)
    source = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)

    def __init__(self, *args: Any, situations: Any = (), organisations: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if situations:
            self.fields["situation"].choices = [("", _("Aucune")), *situations]  # type: ignore[attr-defined]
        else:
            del self.fields["situation"]
        if len(organisations) > 1:
            self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"]


class Edit(DeedForm):
    """The title, category and place of an incident."""

    deed = "modifier"
    title = NewIncident.base_fields["title"]
    category = NewIncident.base_fields["category"]


class Prioritise(DeedForm):
    """A priority."""

    deed = "priorite"
    priority = NewIncident.base_fields["priority"]


class Log(DeedForm):
    """A line of the log."""

    deed = "ligne"
    text = forms.CharField(
        label=gettext_lazy("Nouvelle ligne"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Écrivez ce qui s'est passé.")},
        widget=forms.Textarea(attrs={"rows": 2, **_OFF}),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("C'est"),
        choices=lambda: _words(Line.Kind),
        initial="note",
        widget=forms.RadioSelect,
    )
    hour = forms.TimeField(
        label=gettext_lazy("À quelle heure, si ce n'est pas maintenant"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}),
        error_messages={"invalid": gettext_lazy("Écrivez l'heure ainsi : 06:30.")},
    )


class Correct(DeedForm):
    """A correction, beside the line it corrects."""

    deed = "corriger"
    text = Log.base_fields["text"]
    line = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31)


class Task(DeedForm):
    """A task."""

    deed = "tache"
    task = forms.CharField(
        label=gettext_lazy("Tâche"),
        max_length=200,
        error_messages={"required": gettext_lazy("Écrivez ce qui est à faire.")},
        widget=forms.TextInput(attrs=_OFF),
    )
    who = forms.CharField(
        label=gettext_lazy("Qui"), max_length=80, required=False,
        widget=forms.TextInput(attrs={**_OFF, "list": "people"}),
    )  # fmt: skip


class Involve(DeedForm):
    """An organisation."""

    deed = "associer"
    organisation = forms.CharField(
        label=gettext_lazy("Organisme"),
        max_length=120,
        error_messages={"required": gettext_lazy("Écrivez le nom de l'organisme.")},
        widget=forms.TextInput(attrs={**_OFF, "list": "organisations"}),
    )


class Share(DeedForm):
    """Until when an organisation reads along."""

    deed = "partager"
    row = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31)
    until = forms.DateField(
        label=gettext_lazy("Jusqu'au (compris)"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("Choisissez un jour."),
            "invalid": gettext_lazy("Écrivez une date."),
        },
    )


class Join(DeedForm):
    """A file."""

    deed = "joindre"
    file = forms.FileField(
        label=gettext_lazy("Photo ou PDF"),
        help_text=gettext_lazy("10 Mo au plus."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={
            "required": gettext_lazy("Choisissez un fichier."),
            "empty": gettext_lazy("Ce fichier est vide."),
            "max_length": gettext_lazy("Le nom de ce fichier est trop long."),
        },
    )


class Close(DeedForm):
    """The end of an incident."""

    deed = "clore"
    outcome = forms.ChoiceField(
        label=gettext_lazy("Comment se termine-t-il ?"),
        choices=lambda: _words(Incident.Outcome),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Dites comment il se termine.")},
    )
    report = forms.CharField(
        label=gettext_lazy("Compte rendu"),
        max_length=4000,
        help_text=gettext_lazy("Ce qui s'est passé, ce qui a été fait, ce qui reste à surveiller."),
        error_messages={"required": gettext_lazy("Écrivez un compte rendu, même d'une ligne.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class Merge(DeedForm):
    """Another incident, of which this one is a part."""

    deed = "fusionner"
    into = forms.CharField(
        label=gettext_lazy("Dans quel incident ?"),
        max_length=16,
        help_text=gettext_lazy("Son numéro : INC-2026-0012."),
        error_messages={"required": gettext_lazy("Écrivez le numéro de l'autre incident.")},
        widget=forms.TextInput(attrs={**_OFF, "list": "incidents"}),
    )


class Attach(DeedForm):
    """A situation, or none."""

    deed = "situation"
    situation = forms.ChoiceField(label=gettext_lazy("Situation"), required=False)

    def __init__(self, *args: Any, situations: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["situation"].choices = [("", _("Aucune")), *situations]  # type: ignore[attr-defined]


def where_of(data: Any, name: str = "where") -> dict[str, Any]:
    """Return the place that a picker posted: its words, and its point when it is known.

    A place typed and not chosen is looked for; when it is nowhere on the map its words are kept without a point.
    """
    words = " ".join(str(data.get(name, "")).split())[:200]
    found: dict[str, Any] = {"address": words, "lon": None, "lat": None}
    if not words:
        return found
    try:
        found["lon"], found["lat"] = (
            float(data.get(f"{name}_lon", "")[:20]),
            float(data.get(f"{name}_lat", "")[:20]),
        )
    except ValueError:
        if active_version() is not None and (hits := Geocoder.active().search(words, limit=1)):
            found["lon"], found["lat"] = hits[0].lon, hits[0].lat
    if found["lon"] is not None and not (-180 <= found["lon"] <= 180 and -90 <= found["lat"] <= 90):
        raise Refused(
            "bad-point",
            _("Ce point n'est pas sur la carte : choisissez le lieu dans la liste."),
            field=name,
        )
    return found
