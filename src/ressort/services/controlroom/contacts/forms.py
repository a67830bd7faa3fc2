"""The one form of the contact screen: that of the reports' desk, and what more a call or a letter asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts.mandate import OnBehalf, Way
from ressort.services.controlroom.contacts.matching import matching
from ressort.services.controlroom.contacts.models import Enquiry
from ressort.services.controlroom.reports import queries as reports
from ressort.services.controlroom.reports.forms import Desk

_WAYS = {
    Enquiry.Channel.PHONE: Way.PHONE,
    Enquiry.Channel.COUNTER: Way.COUNTER,
    Enquiry.Channel.LETTER: Way.PAPER,
    Enquiry.Channel.EMAIL: Way.PAPER,  # in writing, for what comes of it
}


class Contact(Desk):
    """Who gets in touch, how, about what, and what they leave with."""

    channel = forms.ChoiceField(
        label=gettext_lazy("La personne est"),
        choices=[
            (Enquiry.Channel.PHONE, gettext_lazy("au téléphone")),
            (Enquiry.Channel.COUNTER, gettext_lazy("au guichet")),
            (Enquiry.Channel.LETTER, gettext_lazy("par lettre")),
            (Enquiry.Channel.EMAIL, gettext_lazy("par courriel")),
        ],
        initial=Enquiry.Channel.PHONE,
        widget=forms.RadioSelect,
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Elle veut"),
        choices=Enquiry.Kind.choices,
        initial=Enquiry.Kind.REPORT,
        widget=forms.RadioSelect,
    )
    what = forms.CharField(
        label=gettext_lazy("Quoi ?"),
        max_length=160,
        required=False,
        help_text=gettext_lazy(
            "Quelques lettres suffisent pour un signalement : « tro » pour « Trou dans la chaussée »."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "categories"}),
    )
    answered = forms.BooleanField(label=gettext_lazy("J'ai répondu tout de suite"), required=False)
    answer = forms.CharField(
        label=gettext_lazy("Réponse donnée"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    day = forms.DateField(
        label=gettext_lazy("Réponse promise avant"),
        required=False,
        help_text=gettext_lazy("Sans date : cinq jours. Un signalement a le délai de sa catégorie."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Écrivez la date ainsi : 15/09/2026.")},
    )
    receipt = forms.ChoiceField(
        label=gettext_lazy("Reçu"),
        choices=Enquiry.Receipt.choices,
        initial=Enquiry.Receipt.ALOUD,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["way_in"]
        self.fields["category"].required = False
        self.fields["name"].help_text = ""
        self.categories = reports.categories()
        self.near_names: list[tuple[str, str]] = []

    def clean(self) -> dict[str, Any]:
        """Find which category the words mean, when something is reported."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") != Enquiry.Kind.REPORT or data.get("category"):
            return data
        entries = [(one.code, one.name, one.words) for one in self.categories]
        found = matching(data.get("what", ""), entries)
        if len(found) == 1:
            data["category"] = found[0]
            return data
        names = {code: name for code, name, __ in entries}
        self.near_names = [(code, names[code]) for code in found[:8]]
        if found:
            self.add_error("what", _("Plusieurs catégories répondent : choisissez-en une."))
        elif data.get("what"):
            self.add_error(
                "what",
                _(
                    "Aucune catégorie ne répond à ces mots : essayez-en d'autres, ou choisissez dans la liste."
                ),
            )
        else:
            self.add_error("what", _("Écrivez ce que la personne signale."))
        return data

    def behalf(self) -> OnBehalf:
        """Return what the agent says of who asks."""
        data = self.cleaned_data
        return OnBehalf(_WAYS[Enquiry.Channel(data["channel"])], data["mandate"], data["reference"])


class Answer(forms.Form):
    """An answer given later."""

    answer = forms.CharField(
        label=gettext_lazy("Réponse"),
        max_length=4000,
        error_messages={"required": gettext_lazy("Écrivez la réponse donnée, même en une ligne.")},
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
