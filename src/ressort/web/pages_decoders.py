"""The form by which an administrator tries and chooses the decoder of a device, on the page of that device."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ressort.core.errors import Refused
from ressort.core.intake import catalogue, decoding
from ressort.core.intake.formats import KNOWN
from ressort.core.intake.models import Device
from ressort.web.doors import door
from ressort.web.forms import refuse

_PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class DecoderForm(forms.Form):
    """Decoder, DevEUI, and a frame to try."""

    decoder = forms.ChoiceField(
        label=gettext_lazy("Décodeur"),
        required=False,
        help_text=gettext_lazy("Celui du modèle. Sans décodeur, ce que le serveur de réseau a lu est pris."),
        error_messages={"invalid_choice": gettext_lazy("Choisissez un décodeur de la liste.")},
    )
    eui = forms.CharField(
        label=gettext_lazy("DevEUI"),
        max_length=40,
        required=False,
        help_text=gettext_lazy(
            "Seize chiffres, sur l'étiquette ; vide si le serveur de réseau le nomme par son code."
        ),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    payload = forms.CharField(
        label=gettext_lazy("Trame à essayer"),
        max_length=1200,
        required=False,
        help_text=gettext_lazy("En hexadécimal : 01 75 5C 03 67 34 01. Rien n'en est gardé."),
        widget=forms.TextInput(attrs=_PLAIN),
    )
    port = forms.IntegerField(
        label=gettext_lazy("Port (FPort)"),
        required=False,
        min_value=0,
        max_value=255,
        error_messages={
            name: gettext_lazy("Écrivez un port de 0 à 255.")
            for name in ("invalid", "min_value", "max_value")
        },
    )
    declare = forms.BooleanField(
        label=gettext_lazy("À l'enregistrement, déclarer aussi les grandeurs que cette trame contient"),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["decoder"]
        chooser.choices = [("", _("aucun")), *((one.code, one.title) for one in KNOWN.values())]

    def port_or_usual(self) -> int:
        """Return the port given, else the only one that the decoder reads."""
        port = self.cleaned_data["port"]
        if port is None:
            decoder = KNOWN.get(self.cleaned_data["decoder"])
            ports = [port for one in decoder.frames for port in one.ports] if decoder else []
            return ports[0] if ports else 1
        return int(port)


def form_of(device: Device) -> DecoderForm:
    """Return the form as the device is now."""
    return DecoderForm(
        initial={"decoder": device.decoder, "eui": (device.eui or "").upper(), "declare": True}
    )


@door("intake.manage")
@require_POST
def decoder(request: HttpRequest, code: str) -> HttpResponse:
    """Try a frame and show what it gives, or keep the decoder and the DevEUI."""
    from ressort.web import pages_intake

    device = catalogue.find(code)
    form = DecoderForm(request.POST)
    if not form.is_valid():
        return pages_intake.page(request, code, status=422, radio=form)
    data, port = form.cleaned_data, form.port_or_usual()
    try:
        if request.POST.get("deed") == "essayer":
            found = decoding.tried(device, data["decoder"], port, data["payload"])
            return pages_intake.page(request, code, radio=form, tried=found, tried_port=port)
        sample = (port, data["payload"]) if data["payload"].strip() and data["declare"] else None
        decoding.choose(request.user, code, data["decoder"], data["eui"], sample=sample)
    except Refused as error:
        refuse(form, error)
        return pages_intake.page(request, code, status=error.status, radio=form)
    messages.success(request, _("Décodeur enregistré."))
    return redirect("web:device", code=code)
