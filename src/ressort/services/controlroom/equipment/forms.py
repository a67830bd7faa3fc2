"""Forms of the equipment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.services.controlroom.equipment.kinds import Capability


class CommandForm(forms.Form):
    """What a capability needs to be asked: a reason, its parameters, whether it is held."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Dites pourquoi, en quelques mots : c'est gardé avec la commande.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def __init__(self, *args: Any, capability: Capability, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.prefix = capability.verb
        self.capability = capability
        for param in capability.params:
            self.fields[param.name] = forms.IntegerField(
                label=f"{param.label} ({param.unit})" if param.unit else str(param.label),
                widget=forms.NumberInput(
                    attrs={"min": str(param.low), "max": str(param.high), "inputmode": "numeric"}
                ),
                initial=param.low,
                error_messages={
                    "invalid": _("Écrivez un nombre entier."),
                    "required": _("Écrivez un nombre."),
                },
            )
        if capability.holdable:
            self.fields["hold"] = forms.BooleanField(
                label=_("Maintenir tant que cette console est ouverte"), required=False
            )

    def asked(self) -> dict[str, Any]:
        """Return the arguments of ``asking.ask``."""
        data = dict(self.cleaned_data)
        return {
            "reason": data.pop("reason"),
            "key": data.pop("key"),
            "hold": bool(data.pop("hold", False)),
            "params": data,
        }


class WitnessForm(forms.Form):
    """The second device that sees a piece of equipment."""

    witness = forms.CharField(
        label=_("Capteur témoin"),
        max_length=100,
        required=False,
        help_text=_(
            "Un autre capteur qui voit la même chose : camera-3, ou camera-3/seen_borne_12. Vide : aucun."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
        error_messages={"max_length": _("Écrivez 100 caractères au plus.")},
    )


class EquipmentFile(forms.Form):
    """A file to import."""

    file = forms.FileField(
        label=_("Fichier CSV, classeur ou GeoJSON"),
        help_text=_("1 Mo et 5 000 lignes au plus."),
        widget=forms.FileInput(
            attrs={"accept": ".csv,.xlsx,.ods,.xls,.json,.geojson,text/csv,application/geo+json"}
        ),
        error_messages={"required": _("Choisissez un fichier."), "empty": _("Ce fichier est vide.")},
    )


class EmergencyForm(forms.Form):
    """Why an emergency is declared."""

    reason = forms.CharField(
        label=_("Motif"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Dites pourquoi, en quelques mots : c'est gardé avec la commande.")},
    )
