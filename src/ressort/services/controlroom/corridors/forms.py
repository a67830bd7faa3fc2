"""Forms of corridors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.services.controlroom.corridors import planning


def _seconds(label: Any, help_text: Any, usual: int, bounds: tuple[int, int]) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        initial=usual,
        widget=forms.NumberInput(
            attrs={"min": str(bounds[0]), "max": str(bounds[1]), "inputmode": "numeric"}
        ),
        error_messages={
            "invalid": gettext_lazy("Écrivez un nombre entier de secondes."),
            "required": gettext_lazy("Écrivez un nombre de secondes."),
        },
    )


class NewCorridor(forms.Form):
    """Why, from which station, and how early."""

    base = forms.ChoiceField(label=gettext_lazy("Le véhicule part de"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        max_length=200,
        help_text=gettext_lazy(
            "En quelques mots : « Feu d'appartement ». Il est gardé avec chaque commande."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Dites pourquoi, en quelques mots.")},
    )
    lead = _seconds(
        gettext_lazy("Ouvrir avant le passage (secondes)"),
        gettext_lazy("De 15 à 90. Un carrefour met jusqu'à 22 s à changer : 30 laisse la file s'écouler."),
        planning.USUAL_LEAD,
        planning.LEAD,
    )
    margin = _seconds(
        gettext_lazy("Rendre après le passage (secondes)"),
        gettext_lazy("De 5 à 120. Assez pour un second véhicule ou un léger retard."),
        planning.USUAL_MARGIN,
        planning.MARGIN,
    )
    delay = _seconds(
        gettext_lazy("Départ du véhicule dans (secondes)"),
        gettext_lazy("De 0 à 900, à compter de l'ouverture du couloir."),
        0,
        planning.DELAY,
    )
    incident = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: Any, bases: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bases:
            self.fields["base"].choices = [  # type: ignore[attr-defined]
                ("", _("Un autre lieu, écrit ci-dessous")),
                *((key, name) for key, name, *__ in bases),
            ]
        else:
            del self.fields["base"]
