"""Forms of work orders and crews."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.orders.models import Crew, Trade, WorkOrder
from ressort.services.controlroom.reports import photos
from ressort.web.forms import DeedForm

_OFF = {"autocomplete": "off"}


def _words(choices: Any) -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in choices.choices]


def _long(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": rows, **_OFF}),
        **more,
    )


def _minutes() -> forms.IntegerField:
    return forms.IntegerField(
        label=gettext_lazy("Temps passé (minutes)"),
        required=False,
        min_value=0,
        max_value=24 * 60,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"),
            gettext_lazy("Temps passé : écrivez un nombre de minutes, de 0 à 1 440."),
        ),
    )


class Work(DeedForm):
    """What is asked: at its making, and when it changes."""

    deed = "change"
    title = forms.CharField(
        label=gettext_lazy("Que faut-il faire ?"),
        max_length=120,
        help_text=gettext_lazy("En une phrase, par un verbe : « Reboucher le trou devant le 12 »."),
        error_messages={"required": gettext_lazy("Dites en une phrase ce qu'il faut faire.")},
        widget=forms.TextInput(attrs=_OFF),
    )
    trade = forms.ChoiceField(
        label=gettext_lazy("Métier"),
        choices=lambda: [("", _("Choisir…")), *_words(Trade)],
        error_messages={"required": gettext_lazy("Choisissez un métier.")},
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("Priorité"),
        choices=lambda: _words(Incident.Priority),
        initial="normal",
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choisissez une priorité.")},
    )
    day = forms.DateField(
        label=gettext_lazy("À faire avant : jour"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Écrivez la date ainsi : 15/09/2026.")},
    )
    hour = forms.TimeField(
        label=gettext_lazy("heure"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Écrivez l'heure ainsi : 14:30.")},
    )
    instructions = _long(
        gettext_lazy("Consignes"),
        help_text=gettext_lazy("Accès, dangers, qui appeler, ce qui compte sur place."),
    )
    materials = _long(gettext_lazy("Matériel"), rows=2)
    organisation = forms.ChoiceField(label=gettext_lazy("Au nom de"), required=False)
    source = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, organisations: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(organisations) > 1:
            self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined]
        else:
            del self.fields["organisation"]

    @classmethod
    def of(cls, order: WorkOrder) -> Work:
        """Return the form filled with an order."""
        due = localtime(order.due)
        names = ("title", "trade", "priority", "instructions", "materials", "version")
        return cls(
            initial={name: getattr(order, name) for name in names} | {"day": due.date(), "hour": due.time()}
        )

    def due(self) -> datetime | None:
        """Return the moment before which it is to be done; a day alone ends at 18:00."""
        day, hour = self.cleaned_data.get("day"), self.cleaned_data.get("hour")
        if day is None:
            return None
        from datetime import time

        return datetime.combine(day, hour or time(18), get_default_timezone())

    def words(self) -> dict[str, Any]:
        """Return what is asked, in words."""
        return {
            name: self.cleaned_data[name]
            for name in ("title", "trade", "priority", "instructions", "materials")
        }


class Assign(DeedForm):
    """To whom it is given."""

    deed = "assign"
    to = forms.ChoiceField(
        label=gettext_lazy("Confier à"),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choisissez une équipe ou un organisme de la liste.")
        ),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", _("Choisir…")), *choices]  # type: ignore[attr-defined]


class Check(DeedForm):
    """A remark at the end."""

    deed = "check"
    text = _long(gettext_lazy("Remarque"), rows=2)


class Why(DeedForm):
    """A reason."""

    reason = forms.CharField(
        label=gettext_lazy("Pourquoi ?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Dites pourquoi, en quelques mots.")},
        widget=forms.TextInput(attrs={**_OFF, "list": "reasons"}),
    )


class Return(Why):
    """Why it goes back to the crew."""

    deed = "return"


class Cancel(Why):
    """Why it is no longer to be done."""

    deed = "cancel"


class _Seen(DeedForm):
    """What a phone sends with each deed: which version it shows, and a key so that a second touch counts once."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def seen(self) -> dict[str, Any]:
        """Return them as actions take them."""
        key = self.cleaned_data.get("key")
        return {"version": self.cleaned_data.get("version"), "key": f"{self.deed}:{key}" if key else None}


class Touch(_Seen):
    """A deed without words; it stands several times on a page, so its controls carry no id."""

    deed = "touch"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = ""


class Decline(_Seen):
    """Why the crew does not take it."""

    deed = "decline"
    reason = Why.base_fields["reason"]


class Finish(_Seen):
    """What was done."""

    deed = "finish"
    did = forms.CharField(
        label=gettext_lazy("Ce qui a été fait"),
        max_length=4000,
        error_messages={"required": gettext_lazy("Écrivez ce qui a été fait, même en trois mots.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    minutes = _minutes()


class Fail(_Seen):
    """Why it cannot be done."""

    deed = "fail"
    reason = Why.base_fields["reason"]
    minutes = _minutes()


class Photo(_Seen):
    """A picture."""

    deed = "photo"
    photo = forms.FileField(
        label=gettext_lazy("Photo"),
        widget=forms.FileInput(attrs={"accept": photos.ACCEPT, "capture": "environment"}),
        error_messages=dict.fromkeys(
            ("required", "invalid", "empty"),
            gettext_lazy("Cette photo n'est pas arrivée entière : prenez-la à nouveau."),
        ),
    )


class Typed(DeedForm):
    """What a paper says."""

    deed = "type"
    sheet = forms.IntegerField(
        label=gettext_lazy("Numéro de la feuille"),
        min_value=1,
        max_value=2**31 - 1,
        help_text=gettext_lazy("Sous le titre : « Feuille 3 »."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            gettext_lazy("Recopiez le numéro de la feuille."),
        ),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    result = forms.ChoiceField(
        label=gettext_lazy("Qu'en est-il ?"),
        choices=[("done", gettext_lazy("C'est fait")), ("failed", gettext_lazy("Impossible"))],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Dites si c'est fait, ou impossible.")
        ),
    )
    words = forms.CharField(
        label=gettext_lazy("Ce qui a été fait, ou pourquoi c'est impossible"),
        max_length=4000,
        error_messages={"required": gettext_lazy("Recopiez ce que dit la feuille.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    day = forms.DateField(
        label=gettext_lazy("Jour"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(
            ("required", "invalid"), gettext_lazy("Écrivez la date ainsi : 15/09/2026.")
        ),
    )
    arrived = forms.TimeField(
        label=gettext_lazy("Arrivée"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Écrivez l'heure ainsi : 14:30.")},
    )
    finished = forms.TimeField(
        label=gettext_lazy("Fin"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Écrivez l'heure ainsi : 14:30.")},
    )
    minutes = _minutes()

    def moment(self, name: str) -> datetime | None:
        """Return an hour of the day that the paper says."""
        hour = self.cleaned_data.get(name)
        return datetime.combine(self.cleaned_data["day"], hour, get_default_timezone()) if hour else None


class CrewForm(DeedForm):
    """A crew."""

    deed = "crew"
    name = forms.CharField(
        label=gettext_lazy("Nom"),
        max_length=60,
        help_text=gettext_lazy("Comme on l'appelle : « Voirie nord »."),
        error_messages={"required": gettext_lazy("Donnez un nom à l'équipe.")},
        widget=forms.TextInput(attrs=_OFF),
    )
    trade = Work.base_fields["trade"]
    organisation = forms.ChoiceField(label=gettext_lazy("Organisme"), required=False)
    active = forms.BooleanField(
        label=gettext_lazy("En activité : des interventions peuvent lui être confiées"),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, organisations: Any = (), crew: Crew | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if crew is not None or len(organisations) < 2:
            del self.fields["organisation"]
        else:
            self.fields["organisation"].choices = list(organisations)  # type: ignore[attr-defined]
        if crew is None:
            del self.fields["active"]


class Join(DeedForm):
    """Somebody to put into a crew."""

    deed = "join"
    email = forms.CharField(
        label=gettext_lazy("Adresse électronique du compte"),
        max_length=254,
        error_messages={"required": gettext_lazy("Écrivez l'adresse d'un compte.")},
        widget=forms.EmailInput(attrs={**_OFF, "autocapitalize": "none", "list": "people"}),
    )
