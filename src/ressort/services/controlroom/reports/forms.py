"""Forms of citizen reports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.mandate import LONGEST as LONGEST_REFERENCE
from ressort.core.accounts.mandate import Mandate, OnBehalf, Way
from ressort.core.accounts.models import Organisation
from ressort.services.controlroom.reports import photos, queries
from ressort.services.controlroom.reports.models import Report, ReportCategory
from ressort.services.controlroom.reports.seen import LONGEST, Reach
from ressort.web.forms import among

_OFF = {"autocomplete": "off"}


def _email(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Adresse électronique"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
        **more,
    )


def _phone(**more: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Téléphone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        **more,
    )


def _text(label: Any, *, rows: int = 4, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=4 * LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": rows}),
        **more,
    )


class What(forms.Form):
    """First screen: what kind of thing it is. The place is read beside the form."""

    category = forms.ChoiceField(
        label=_("Que voulez-vous signaler ?"),
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choisissez dans la liste ce que vous voulez signaler.")
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = queries.grouped(queries.categories())
        choices: Any = self.fields["category"]
        choices.choices = [(one.code, one.name) for __, group in self.groups for one in group]


class Reaching(forms.Form):
    """How to be told what becomes of it; nothing is compulsory."""

    email = _email(help_text=_("Pour recevoir la réponse. Sans adresse ni numéro, gardez le code de suivi."))
    phone = _phone(help_text=_("Pour recevoir la réponse par SMS."))

    def reach(self) -> Reach:
        """Return how the person can be told."""
        data = self.cleaned_data
        return Reach(data["email"], data["phone"])


class Details(Reaching):
    """Second screen: a photo, some words, how to be told."""

    photo = forms.FileField(
        label=_("Photo"),
        required=False,
        help_text=_(
            "Sans visage ni plaque, si possible. Le lieu et l'heure inscrits dans la photo sont effacés."
        ),
        widget=forms.FileInput(attrs={"accept": photos.ACCEPT}),
        error_messages=dict.fromkeys(
            ("invalid", "empty"), _("Cette photo n'est pas arrivée entière : choisissez-la à nouveau.")
        ),
    )
    text = _text(_("Ce que vous avez vu"), help_text=_("Ni nom, ni numéro : ces mots peuvent être publiés."))
    field_order = ("photo", "text", "email", "phone")


class Desk(forms.Form):
    """The one form of an agent who reports for somebody."""

    way_in = forms.ChoiceField(
        label=_("La personne est"),
        choices=[
            (Way.PHONE, _("au téléphone")),
            (Way.COUNTER, _("au guichet")),
            (Way.PAPER, _("par lettre")),
        ],
        initial=Way.PHONE,
        widget=forms.RadioSelect,
    )
    category = forms.ChoiceField(
        label=_("Que signale-t-elle ?"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choisissez une catégorie.")),
    )
    text = _text(_("Ce qu'elle a vu"), rows=3)
    photo = forms.FileField(
        label=_("Photo"), required=False, widget=forms.FileInput(attrs={"accept": photos.ACCEPT})
    )
    mandate = forms.ChoiceField(label=_("Qui demande ?"), choices=Mandate.choices, initial=Mandate.SELF)
    reference = forms.CharField(
        label=_("Référence"),
        max_length=LONGEST_REFERENCE,
        required=False,
        help_text=_("Numéro du courrier, du dossier."),
        widget=forms.TextInput(attrs=_OFF),
    )
    name = forms.CharField(
        label=_("Nom"),
        max_length=200,
        required=False,
        help_text=_("Pour une lettre seulement."),
        widget=forms.TextInput(attrs=_OFF),
    )
    email = _email()
    phone = _phone()
    postal = forms.CharField(
        label=_("Adresse postale"),
        max_length=600,
        required=False,
        help_text=_("Pour répondre par lettre à qui n'a ni courriel ni téléphone."),
        widget=forms.Textarea(attrs={"rows": 3, **_OFF}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            self.fields[name].widget.attrs["autocomplete"] = "off"
        choices: Any = self.fields["category"]
        choices.choices = [
            ("", _("Choisir…")),
            *(
                (group or _("Autres"), [(one.code, one.name) for one in members])
                for group, members in queries.grouped(queries.categories())
            ),
        ]

    def reach(self) -> Reach:
        """Return how the person can be told."""
        data = self.cleaned_data
        return Reach(data["email"], data["phone"], data["name"], data["postal"])

    def behalf(self) -> OnBehalf:
        """Return what the agent says of who asks."""
        data = self.cleaned_data
        return OnBehalf(data["way_in"], data["mandate"], data["reference"])


class Plan(forms.Form):
    """On which day it will be dealt with."""

    day = forms.DateField(
        label=_("Jour prévu"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": _("Écrivez la date ainsi : 15/09/2026."),
            "required": _("Indiquez le jour prévu."),
        },
    )
    text = _text(_("Message aux personnes qui suivent"), rows=2)


class Answer(forms.Form):
    """Words for those who follow it."""

    text = _text(_("Message aux personnes qui suivent"), rows=3)


class Refusal(Answer):
    """Why nothing will be done."""

    reason = forms.ChoiceField(
        label=_("Pourquoi ?"),
        choices=[("", _("Choisir…")), *Report.Reason.choices],
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choisissez pourquoi il n'y aura pas de suite.")
        ),
    )
    field_order = ("reason", "text")


class Merge(forms.Form):
    """Which other report says the same."""

    into = forms.CharField(
        label=_("Numéro de l'autre signalement"),
        max_length=24,
        widget=forms.TextInput(attrs=_OFF),
        error_messages={"required": _("Choisissez l'autre signalement, celui qui reste ouvert.")},
    )


class Hand(Answer):
    """Who will answer for it."""

    organisation = forms.ChoiceField(
        label=_("Organisation"),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choisissez l'organisation qui s'en chargera.")
        ),
    )
    field_order = ("organisation", "text")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["organisation"]
        field.choices = [
            ("", _("Choisir…")),
            *Organisation.objects.order_by("name").values_list("pid", "name"),
        ]


class Sort(forms.Form):
    """Another category."""

    category = forms.ChoiceField(
        label=_("Catégorie"),
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choisissez une autre catégorie.")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["category"]
        field.choices = [(one.code, one.name) for one in queries.categories(every=True)]


class Category(forms.ModelForm):
    """A category as it is published."""

    class Meta:
        model = ReportCategory
        fields = ("name", "group", "organisation", "days", "help", "words", "rank", "active")
        help_texts = {
            "name": _("Comme les gens le disent : « Trou dans la chaussée »."),
            "group": _("Les catégories d'une famille se suivent à l'écran."),
            "days": _("Publié : c'est la promesse faite aux habitants."),
            "words": _("Séparés par des virgules ; pour les programmes qui cherchent par mot."),
            "rank": _("Les petits nombres d'abord."),
        }
        error_messages = {
            "name": {"required": _("Donnez un nom que les gens emploient : « Trou dans la chaussée ».")},
            "organisation": {"required": _("Choisissez l'organisation responsable.")},
            "days": dict.fromkeys(("required", "invalid"), _("Écrivez un nombre de jours.")),
            "rank": dict.fromkeys(("required", "invalid"), _("Écrivez un nombre entier.")),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "organisation", Organisation.objects.order_by("name"))
        self.fields["rank"].required = False


class Start(forms.Form):
    """Who answers for the usual categories, to begin with."""

    organisation = forms.ModelChoiceField(
        label=_("Organisation responsable"),
        queryset=Organisation.objects.none(),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Choisissez l'organisation responsable.")
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        among(self, "organisation", Organisation.objects.order_by("name"))
