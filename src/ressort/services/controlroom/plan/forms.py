"""The form of an entry of the plan."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.services.controlroom.plan.models import PlanEntry

_OFF = {"autocomplete": "off"}


class Entry(forms.Form):
    """A person, a means or a place."""

    kind = forms.ChoiceField(
        label=_("Liste"),
        choices=lambda: [(value, str(label).capitalize()) for value, label in PlanEntry.Kind.choices],
        initial="person",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez une personne, un moyen ou un lieu.")},
    )
    name = forms.CharField(
        label=_("Nom"),
        max_length=120,
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": _("Donnez le nom de la personne, du moyen ou du lieu.")},
    )
    role = forms.CharField(
        label=_("Fonction ou sorte"),
        max_length=120,
        required=False,
        help_text=_("Adjoint à la sécurité, groupe électrogène, centre d'accueil…"),
        widget=forms.TextInput(attrs=_OFF),
    )
    quantity = forms.IntegerField(
        label=_("Nombre ou capacité"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        error_messages={"invalid": _("Écrivez un nombre entier.")},
    )
    phone = forms.CharField(
        label=_("Téléphone"), max_length=30, required=False, widget=forms.TextInput(attrs=_OFF)
    )
    other_phone = forms.CharField(
        label=_("Autre téléphone"), max_length=30, required=False, widget=forms.TextInput(attrs=_OFF)
    )
    email = forms.CharField(
        label=_("Adresse électronique"), max_length=254, required=False, widget=forms.TextInput(attrs=_OFF)
    )
    note = forms.CharField(
        label=_("Précision"),
        max_length=300,
        required=False,
        help_text=_("Où est la clé, à quelles heures, qui remplace."),
        widget=forms.TextInput(attrs=_OFF),
    )
