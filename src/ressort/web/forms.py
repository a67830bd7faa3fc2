"""Forms of the house, and the way a refusal of an action is shown beside the field it speaks of."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import LONGEST as LONGEST_REFERENCE
from ressort.core.accounts.mandate import Mandate, OnBehalf, Way
from ressort.core.appeals.actions import LONGEST
from ressort.core.appeals.models import Appeal, Statement
from ressort.core.errors import Refused
from ressort.web.words import typo


def refuse(form: forms.BaseForm, error: Refused) -> None:
    """Put a refusal on a form: beside its field when the form has it, else at its head."""
    form.add_error(error.field if error.field in form.fields else None, typo(error.sentence))


def among(form: forms.BaseForm, name: str, rows: Any) -> None:
    """Offer these rows in a field that chooses one or several."""
    chooser: Any = form.fields[name]
    chooser.queryset = rows


class DeedForm(forms.Form):
    """A form whose controls carry the name of its deed, as several stand on one page."""

    deed = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"{self.deed}-%s"


class SignIn(forms.Form):
    """E-mail address and password."""

    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": _("Écrivez votre adresse électronique.")},
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Écrivez votre mot de passe.")},
    )


class AskLink(forms.Form):
    """An e-mail address to send a one-time link to."""

    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
        error_messages={"required": _("Écrivez votre adresse électronique.")},
    )


class Welcome(forms.Form):
    """The password that an invited person chooses on arriving."""

    password = forms.CharField(
        label=_("Choisissez un mot de passe"),
        max_length=200,
        required=False,
        strip=False,
        help_text=_("Dix caractères au moins. Sans mot de passe, un lien envoyé par courriel vous connecte."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class Join(forms.Form):
    """A new account."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Écrivez votre nom.")},
    )
    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
        error_messages={"required": _("Écrivez votre adresse électronique.")},
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=30,
        required=False,
        help_text=_("Pour vous prévenir d'un changement par SMS."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        max_length=200,
        required=False,
        strip=False,
        help_text=_("Dix caractères au moins. Sans mot de passe, un lien envoyé par courriel vous connecte."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class Details(forms.Form):
    """One's own details."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Écrivez votre nom.")},
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=30,
        required=False,
        help_text=_("Pour vous prévenir d'un changement par SMS."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )
    wheelchair = forms.BooleanField(
        label=_("Je voyage en fauteuil roulant"),
        required=False,
        help_text=_("Une place adaptée vous sera proposée d'office."),
    )
    language = forms.ChoiceField(
        label=_("Langue des messages"),
        choices=[("fr", "Français"), ("en", "English")],
        widget=forms.RadioSelect,
    )

    @classmethod
    def of(cls, user: Any) -> Details:
        """Return the form filled with a person's details."""
        return cls(initial={key: getattr(user, key) for key in ("name", "phone", "wheelchair", "language")})


class Contest(forms.Form):
    """Ask that a person take a decision up again."""

    reason = forms.ChoiceField(
        label=_("Pourquoi ?"),
        choices=Appeal.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choisissez la raison qui s'approche le plus de la vôtre.")},
    )
    text = forms.CharField(
        label=_("Ce que vous voulez ajouter"),
        max_length=LONGEST,
        required=False,
        help_text=_("Seules les personnes qui répondent le lisent, et vous pouvez l'effacer."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    way = forms.ChoiceField(
        label=_("Comment recevoir la réponse ?"),
        choices=Statement.Way.choices,
        initial=Statement.Way.HERE,
        widget=forms.RadioSelect,
    )
    email = forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        required=False,
        help_text=_("Si vous avez choisi le courriel."),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )
    phone = forms.CharField(
        label=_("Téléphone"),
        max_length=30,
        required=False,
        help_text=_("Si vous avez choisi le téléphone."),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel", "type": "tel"}),
    )


class ContestFor(Contest):
    """The same, typed by an agent for somebody."""

    way_in = forms.ChoiceField(
        label=_("La personne est"), choices=Way.choices, initial=Way.PHONE, widget=forms.RadioSelect
    )
    mandate = forms.ChoiceField(label=_("Qui demande ?"), choices=Mandate.choices, initial=Mandate.SELF)
    reference = forms.CharField(
        label=_("Référence"),
        max_length=LONGEST_REFERENCE,
        required=False,
        help_text=_("Numéro du formulaire papier, du dossier."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def split(self) -> tuple[dict[str, str], OnBehalf]:
        """Return what is contested, and for whom it is typed."""
        data = dict(self.cleaned_data)
        return data, OnBehalf(data.pop("way_in"), data.pop("mandate"), data.pop("reference"))


class Reply(forms.Form):
    """The answer of a named person."""

    outcome = forms.ChoiceField(
        label=_("Que devient la décision ?"),
        choices=Appeal.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Dites ce que devient la décision.")},
    )
    text = forms.CharField(
        label=_("Votre réponse, en mots simples"),
        max_length=LONGEST,
        help_text=_("La personne la lit telle quelle, avec votre nom."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Écrivez la réponse, en une phrase au moins.")},
    )
