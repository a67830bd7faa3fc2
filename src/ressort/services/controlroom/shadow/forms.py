"""Forms of shadow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.services.controlroom.alarms.models import Rule
from ressort.services.controlroom.equipment.models import Asset

_NUMBER = {"required": _("Écrivez un nombre."), "invalid": _("Écrivez un nombre entier.")}
_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class CriteriaForm(forms.Form):
    """What the authority wants to see before real commands."""

    fewest = forms.IntegerField(
        label=_("Cas, au moins"), min_value=5, max_value=10_000, error_messages=_NUMBER
    )
    agreement = forms.IntegerField(
        label=_("Accord, au moins, en %"), min_value=50, max_value=100, error_messages=_NUMBER
    )
    window = forms.IntegerField(
        label=_("Secondes avant et après, où l'on regarde ce que font les gens"),
        min_value=10,
        max_value=7200,
        error_messages=_NUMBER,
    )


class ReflexForm(forms.Form):
    """What a rule asks of some equipment."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=80,
        help_text=_("Ce qu'on lira avec chaque proposition : Réduire l'éclairage quand la rue est vide."),
        error_messages={"required": _("Nommez ce réflexe.")},
    )
    rule = forms.ChoiceField(
        label=_("Quand cette règle lève une alarme"), error_messages={"required": _("Choisissez une règle.")}
    )
    asset = forms.CharField(
        label=_("Code de l'équipement"),
        max_length=60,
        widget=forms.TextInput(attrs={**_PLAIN, "list": "assets"}),
        error_messages={"required": _("Écrivez le code de l'équipement.")},
    )
    verb = forms.CharField(
        label=_("Commande"),
        max_length=20,
        help_text=_("lower, dim, show… : son mot dans la liste des commandes de l'équipement."),
        widget=forms.TextInput(attrs=_PLAIN),
        error_messages={"required": _("Écrivez la commande.")},
    )
    value = forms.IntegerField(
        label=_("Réglage"),
        required=False,
        help_text=_("Le nombre que porte la commande, s'il en faut un : 40 pour dim."),
        error_messages={"invalid": _("Écrivez un nombre entier.")},
    )
    active = forms.BooleanField(label=_("Au travail"), required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules: Any = self.fields["rule"]
        rules.choices = [
            ("", _("– choisissez –")),
            *((str(pk), name) for pk, name in Rule.objects.values_list("pk", "name")),
        ]

    @staticmethod
    def assets() -> list[tuple[str, str]]:
        """Return the equipment that can be asked something: code and name."""
        return list(Asset.objects.exclude(driver="").order_by("code").values_list("code", "name")[:500])
