"""The one form of an agent who books for somebody."""

from __future__ import annotations

import hashlib
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import LONGEST, Mandate, OnBehalf, Way
from ressort.services.transport.actions.booking import Rider
from ressort.services.transport.forms import Trip
from ressort.services.transport.models import ReceiptWay

WHO = ("name", "phone", "email")
_WISH = (
    "origin", "origin_id", "destination", "destination_id", "mode", "day", "hour", "passengers", "wheelchairs", "luggage",
)  # fmt: skip
"""What makes a question: a point is left out, its label says it and the page rounds it."""


class Desk(Trip):
    """A trip, who travels, who asks for them, and how the confirmation goes.

    Only the trip is checked when asking; who travels is checked by the action that books.
    """

    way_in = forms.ChoiceField(
        label=_("La personne est"), choices=Way.choices, initial=Way.PHONE, widget=forms.RadioSelect
    )
    name = forms.CharField(label=_("Nom"), max_length=200, required=False,
                           widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip
    phone = forms.CharField(label=_("Téléphone"), max_length=40, required=False,
                            widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}))  # fmt: skip
    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    mandate = forms.ChoiceField(label=_("Qui demande ?"), choices=Mandate.choices, initial=Mandate.SELF)
    reference = forms.CharField(
        label=_("Référence"),
        max_length=LONGEST,
        required=False,
        help_text=_("Numéro du formulaire papier, du dossier."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = forms.CharField(label=_("Précision pour le conducteur"), max_length=200, required=False,
                           widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip
    receipt_by = forms.ChoiceField(
        label=_("Reçu"),
        required=False,
        choices=[("", _("SMS, sinon courriel, sinon de vive voix")), *ReceiptWay.choices],
    )
    postal = forms.CharField(
        label=_("Adresse postale"),
        max_length=400,
        required=False,
        help_text=_("Pour une lettre seulement."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def behalf(self) -> OnBehalf:
        """Return what the agent says of who asks."""
        data = self.cleaned_data
        return OnBehalf(data["way_in"], data["mandate"], data["reference"])

    def rider(self, **labels: str) -> Rider:
        """Return who travels; without a choice the confirmation goes by what was given."""
        data = self.cleaned_data
        usual = (
            ReceiptWay.SMS
            if data["phone"].strip()
            else ReceiptWay.EMAIL
            if data["email"].strip()
            else ReceiptWay.NONE
        )
        return Rider(
            **{name: data[name] for name in (*WHO, "note")},
            receipt_by=data["receipt_by"] or usual,
            postal=data["postal"] if data["receipt_by"] == ReceiptWay.LETTER else "",
            **labels,
        )


class ReceiptAgain(forms.Form):
    """The confirmation once more, or another way."""

    way = forms.ChoiceField(
        label=_("Par"),
        choices=[(str(way), way.label) for way in (ReceiptWay.SMS, ReceiptWay.EMAIL, ReceiptWay.LETTER)],
        initial=ReceiptWay.SMS,
        error_messages=dict.fromkeys(("invalid_choice", "required"), _("Dites comment remettre le reçu.")),
        widget=forms.RadioSelect,
    )
    to = forms.CharField(
        label=_("À"),
        max_length=400,
        required=False,
        help_text=_("Vide : ce qui a été donné pour ce trajet. Écrit ici, ce n'est pas gardé."),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


def asked(data: QueryDict) -> str:
    """Return a digest of the trip wished, to notice that it was changed after the offers were shown."""
    return hashlib.sha256(repr([data.get(name, "") for name in _WISH]).encode()).hexdigest()[:16]


def filled(data: QueryDict, **values: Any) -> QueryDict:
    """Return what was typed with some fields replaced."""
    copy = data.copy()
    for name, value in values.items():
        copy[name] = str(value)
    return copy
