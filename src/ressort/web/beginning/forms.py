"""Forms of the first run."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class Code(forms.Form):
    """The one-time set-up code."""

    code = forms.CharField(
        label=_("Code d'installation"),
        max_length=40,
        help_text=_("Douze caractères, affichés dans le terminal où Ressort a été lancé."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("Écrivez le code affiché dans le terminal.")},
    )


class FirstPerson(forms.Form):
    """The first administrator."""

    name = forms.CharField(
        label=_("Votre nom"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Écrivez votre nom.")},
    )
    email = forms.CharField(
        label=_("Votre adresse électronique"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": _("Écrivez votre adresse électronique.")},
    )
    password = forms.CharField(
        label=_("Choisissez un mot de passe"),
        max_length=200,
        strip=False,
        help_text=_("Dix caractères au moins ; une phrase se retient mieux."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choisissez un mot de passe.")},
    )


class Search(forms.Form):
    """An intercommunality to find."""

    q = forms.CharField(
        label=_("Intercommunalité, commune ou SIREN"),
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={"required": _("Écrivez quelques lettres.")},
    )
