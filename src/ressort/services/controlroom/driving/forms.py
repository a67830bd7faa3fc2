"""Forms of the drivers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ressort.services.controlroom.driving import wording
from ressort.services.controlroom.driving.models import BODY, TOPIC, Address, Wiring
from ressort.services.controlroom.equipment.drivers import choices

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
_NUMBER = {"required": _("Écrivez un nombre."), "invalid": _("Écrivez un nombre entier.")}


class AddressForm(forms.Form):
    """An address where devices may be called."""

    name = forms.CharField(
        label=_("Nom"),
        max_length=80,
        help_text=_("Passerelle des bornes, automate du centre."),
        error_messages={"required": _("Nommez cette adresse.")},
    )
    base = forms.CharField(
        label=_("Adresse"),
        max_length=200,
        help_text=_(
            "https://hote:port/chemin. Les commandes ne vont jamais ailleurs, même si l'équipement le demande."
        ),
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "url"}),
        error_messages={"required": _("Écrivez l'adresse.")},
    )
    token = forms.CharField(
        label=_("Jeton"),
        max_length=400,
        required=False,
        help_text=_("Gardé chiffré, jamais montré. Vide : celui d'avant reste."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    forget = forms.BooleanField(label=_("Oublier le jeton"), required=False)
    timeout = forms.IntegerField(
        label=_("Attente la plus longue, en secondes"),
        min_value=1,
        max_value=20,
        initial=5,
        error_messages=_NUMBER,
    )
    authority = forms.CharField(
        label=_("Certificat de l'autorité"),
        max_length=8000,
        required=False,
        help_text=_("En PEM, quand l'équipement a un certificat maison. Vide : les autorités reconnues."),
        widget=forms.Textarea(attrs={**_PLAIN, "rows": "4"}),
    )


class WiringForm(forms.Form):
    """How some equipment is reached."""

    driver = forms.ChoiceField(label=_("Pilote"), required=False)
    address = forms.ChoiceField(label=_("Adresse déclarée"), required=False)
    method = forms.ChoiceField(label=_("Méthode"), choices=Wiring.Method.choices, required=False)
    path = forms.CharField(
        label=_("Chemin des commandes"),
        max_length=200,
        required=False,
        help_text=_("/bornes/{device}/ordres"),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    topic = forms.CharField(
        label=_("Sujet des commandes (MQTT)"),
        max_length=200,
        required=False,
        help_text=TOPIC,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    body = forms.CharField(
        label=_("Corps de la commande"),
        max_length=2000,
        required=False,
        initial=BODY,
        help_text=_(
            "En JSON. {id} la reconnaît si elle arrive deux fois, {order} dit quoi faire, {expires} jusqu'à quand."
        ),
        widget=forms.Textarea(attrs={**_PLAIN, "rows": "3"}),
    )
    words = forms.CharField(
        label=_("Mots de l'équipement"),
        max_length=2000,
        required=False,
        help_text=_("Une commande par ligne : raise = MONTER. Vide : nos mots."),
        widget=forms.Textarea(attrs={**_PLAIN, "rows": "3"}),
    )
    status_path = forms.CharField(
        label=_("Chemin de l'état"),
        max_length=200,
        required=False,
        help_text=_("/bornes/{device}/etat. Vide : l'équipement dit son état de lui-même."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    readings = forms.CharField(
        label=_("Où lire chaque grandeur"),
        max_length=4000,
        required=False,
        help_text=_("Une par ligne : position = etat.pos (BAS: down, HAUT: up)."),
        widget=forms.Textarea(attrs={**_PLAIN, "rows": "3"}),
    )
    every = forms.IntegerField(
        label=_("Lire l'état toutes les … secondes, au repos"),
        min_value=2,
        max_value=3600,
        initial=30,
        required=False,
        error_messages=_NUMBER,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        drivers: Any = self.fields["driver"]
        drivers.choices = [("", _("aucun : on l'écoute seulement")), *choices().items()]
        addresses: Any = self.fields["address"]
        addresses.choices = [("", _("aucune")), *Address.objects.values_list("pid", "name")]


def initial(driver: str, wiring: Wiring | None) -> dict[str, Any]:
    """Return what the form of a wiring shows."""
    if wiring is None:
        return {"driver": driver}
    names = ("method", "path", "body", "status_path", "every", "topic")
    return {
        "driver": driver,
        **{name: getattr(wiring, name) for name in names},
        "address": wiring.address.pid if wiring.address else "",
        "words": wording.written_words(wiring.words),
        "readings": wording.written_readings(wiring.readings),
    }
