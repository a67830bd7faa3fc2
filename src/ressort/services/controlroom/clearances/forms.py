"""Forms of clearances: what is lent to a partner, to what somebody is limited."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from ressort.core.accounts.models import Organisation, User
from ressort.core.clock import wall_now
from ressort.services.controlroom.clearances.actions import COMMANDED, LONGEST
from ressort.services.controlroom.equipment.kinds import CHOICES
from ressort.web.forms import DeedForm

USUAL = timedelta(days=30)
_REASON = {
    "required": _("Dites pourquoi, en quelques mots."),
    "max_length": _("Écrivez 200 caractères au plus."),
}


class _Named(forms.ModelChoiceField):
    """One row by its pseudonymous id, shown by its name."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name of a person or an organisation."""
        return str(obj.name)


def _kinds(label: Any, help_text: Any, among: Any = None, *, required: bool) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=required,
        help_text=help_text,
        choices=[one for one in CHOICES if among is None or one[0] in among],
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Cochez au moins une classe."),
            "invalid_choice": _("Choisissez des classes de la liste."),
        },
    )


def _one(rows: Any, label: Any, required: Any, invalid: Any, help_text: Any = "") -> _Named:
    """Return a choice among rows, by their public id."""
    return _Named(
        rows,
        to_field_name="pid",
        label=label,
        empty_label=None,
        help_text=help_text,
        error_messages={"required": required, "invalid_choice": invalid},
    )


def _home(label: Any) -> _Named:
    return _one(
        Organisation.objects.none(),
        label,
        _("Choisissez une organisation."),
        _("Choisissez une de vos organisations."),
    )


class Lend(DeedForm):
    """Command lent to a partner until a day."""

    deed = "confier"
    owner = _home(_("Équipements de"))
    partner = _one(
        Organisation.objects.none(),
        _("Organisation partenaire"),
        _("Choisissez une organisation de la liste."),
        _("Choisissez une organisation de la liste."),
        _("Ses opérateurs demanderont et approuveront des commandes, en leur nom."),
    )
    kinds = _kinds(
        _("Classes d'équipements"), _("Rien de coché : toutes les classes."), COMMANDED, required=False
    )
    until = forms.DateField(
        label=_("Dernier jour"),
        help_text=_("Un an au plus. Passé ce jour, plus rien ne se commande."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Choisissez le dernier jour."),
            "invalid": _("Écrivez la date ainsi : 15/09/2026."),
        },
    )
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        help_text=_("Convention, chantier, marché hebdomadaire…"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=_REASON,
    )

    def __init__(self, *args: Any, homes: Any, partners: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = localdate(wall_now())
        self.fields["owner"].queryset = homes  # type: ignore[attr-defined]
        self.fields["owner"].initial = homes.first()
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        self.fields["until"].initial = today + USUAL
        bounds = {"min": today.isoformat(), "max": (today + timedelta(days=LONGEST)).isoformat()}
        self.fields["until"].widget.attrs |= bounds


class Limit(DeedForm):
    """Somebody limited to some classes."""

    deed = "limiter"
    organisation = _home(_("Organisation"))
    person = _one(
        User.objects.none(),
        _("Personne"),
        _("Choisissez un opérateur de l'organisation."),
        _("Choisissez un opérateur de l'organisation."),
        _("Un opérateur sans limite commande toutes les classes de son organisation."),
    )
    kinds = _kinds(
        _("Classes qu'elle commande et entretient"),
        _("Les autres lui seront refusées, chez vous et chez vos partenaires."),
        required=True,
    )
    reason = forms.CharField(
        label=_("Pourquoi"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages=_REASON,
    )

    def __init__(self, *args: Any, homes: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = homes  # type: ignore[attr-defined]
        self.fields["organisation"].initial = homes.first()
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
