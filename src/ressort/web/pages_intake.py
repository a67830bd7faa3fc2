"""The console's pages of the intake: devices, their keys and series, and what could not be believed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.errors import Refused, Unknown
from ressort.core.intake import catalogue, links, quarantine, queries
from ressort.core.intake.catalogue import Spec
from ressort.core.intake.models import Quarantine, Series
from ressort.core.intake.readings import instant
from ressort.web.doors import door
from ressort.web.forms import refuse
from ressort.web.pages_decoders import form_of

PAGE = 60
SPECIMENS = 3
STATES = (
    ("", gettext_lazy("Tous")),
    ("muets", gettext_lazy("Jamais entendus")),
    ("retires", gettext_lazy("Retirés")),
)


class NewDevice(forms.Form):
    """A device to enrol."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        help_text=gettext_lazy("Celui que ses messages portent : air-gare, comptage-12."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Écrivez le code du capteur.")},
    )
    gateway = forms.CharField(
        label=gettext_lazy("Passerelle"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Code de celle qui parle pour lui ; vide s'il parle lui-même."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class NewSeries(forms.Form):
    """A property to declare."""

    observed = forms.CharField(
        label=gettext_lazy("Grandeur"),
        max_length=40,
        help_text=gettext_lazy("En minuscules sans accent : temperature, no2."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": gettext_lazy("Nommez la grandeur.")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("Valeurs"), choices=Series.Kind.choices)
    unit = forms.CharField(label=gettext_lazy("Unité"), max_length=16, required=False)
    low = forms.FloatField(label=gettext_lazy("Borne basse"), required=False)
    high = forms.FloatField(label=gettext_lazy("Borne haute"), required=False)
    choices = forms.CharField(
        label=gettext_lazy("Mots"),
        max_length=400,
        required=False,
        help_text=gettext_lazy("Pour un mot d'une liste : haut, bas. Séparez par des virgules."),
    )

    def spec(self) -> Spec:
        """Return the declaration."""
        data = self.cleaned_data
        words = tuple(word.strip() for word in data["choices"].split(",") if word.strip())
        kept = {name: data[name] for name in ("observed", "kind", "unit")}
        number = data["kind"] == "number"
        return Spec(
            **kept,
            low=data["low"] if number else None,
            high=data["high"] if number else None,
            choices=words if data["kind"] == "choice" else (),
        )


@door("intake.see")
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    """List the devices with their last word."""
    search, state = request.GET.get("code", "")[:60].strip(), request.GET.get("etat", "")
    state = state if state in dict(STATES) else ""
    page = Paginator(queries.devices(search, state), PAGE).get_page(request.GET.get("page"))
    rows = [(one, instant(one.last) if one.last is not None else None) for one in page]
    context = {
        "rows": rows,
        "page": page,
        "states": STATES,
        "state": state,
        "search": search,
        "counts": queries.apart_counts(),
        "links": links.shown(),
        "may": _may(request),
    }
    return render(request, "web/intake/devices.html", context)


def _may(request: HttpRequest) -> bool:
    return policy.allowed(request.user, "intake.manage").ok


@door("intake.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enrol a device, and show its token this once."""
    form = (
        NewDevice(request.POST)
        if request.method == "POST"
        else NewDevice(initial={"code": request.GET.get("code")})
    )
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = catalogue.provision(request.user, **form.cleaned_data)
        except Refused as error:
            refuse(form, error)
        else:
            if secret:
                return _secret(request, made.code, secret)
            messages.success(request, _("Capteur inscrit : sa passerelle parle pour lui."))
            return redirect("web:device", code=made.code)
    return render(request, "web/intake/new.html", {"form": form}, status=422 if form.errors else 200)


def _secret(request: HttpRequest, code: str, secret: str) -> HttpResponse:
    address = request.build_absolute_uri("/api/v1/intake/observations")
    answer = render(request, "web/intake/token.html", {"code": code, "secret": secret, "address": address})
    answer["Cache-Control"] = "no-store"
    return answer


@door("intake.see")
@require_safe
def device(request: HttpRequest, code: str) -> HttpResponse:
    """Show a device: what it declared, its last words, its key."""
    return page(request, code)


def page(
    request: HttpRequest, code: str, form: NewSeries | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """Render the page of a device, with a form as it was sent."""
    found = catalogue.find(code)
    context = {
        "device": found,
        "said": queries.said_by(found),
        "behind": found.speaks_for.order_by("code")[:PAGE],
        "apart": queries.apart().filter(code=found.code),
        "form": form or NewSeries(),
        "may": _may(request),
        "radio": form_of(found),
        "tried": None,
        **more,
    }
    return render(request, "web/intake/device.html", context, status=status)


@door("intake.manage")
@require_POST
def act(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    """Declare a property, renew a key, take a device out of service or back into it."""
    match deed:
        case "grandeurs":
            form = NewSeries(request.POST)
            if not form.is_valid():
                return page(request, code, form, 422)
            try:
                catalogue.declare_series(request.user, code, [form.spec()])
            except Refused as error:
                refuse(form, error)
                return page(request, code, form, error.status)
            messages.success(request, _("Grandeur déclarée."))
        case "cle":
            made, secret = catalogue.renew(request.user, code)
            return _secret(request, made.code, secret)
        case "retirer" | "remettre":
            catalogue.retire(request.user, code, back=deed == "remettre")
            said = _("Capteur remis en service.") if deed == "remettre" else _("Capteur retiré du service.")
            messages.success(request, said)
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("web:device", code=code)


@door("intake.see")
@require_safe
def apart(request: HttpRequest) -> HttpResponse:
    """List what could not be believed, by reason, with the last specimens."""
    reason = request.GET.get("motif", "")
    rows = queries.apart()
    if reason in Quarantine.Reason.values:
        rows = rows.filter(reason=reason)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    shown: list[tuple[Any, list[str]]] = [
        (group, list(group.held.order_by("-pk").values_list("body", flat=True)[:SPECIMENS])) for group in page
    ]
    context = {
        "rows": shown,
        "page": page,
        "reasons": Quarantine.Reason.choices,
        "reason": reason,
        "may": _may(request),
    }
    return render(request, "web/intake/quarantine.html", context)


@door("intake.manage")
@require_POST
def settle(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Try a group again, or let it go."""
    if deed == "reprendre":
        taken, still = quarantine.release(request.user, pk)
        said = ngettext("%(n)d mesure reprise", "%(n)d mesures reprises", taken) % {"n": taken}
        rest = ngettext("%(n)d encore à l'écart", "%(n)d encore à l'écart", still) % {"n": still}
        messages.success(request, f"{said}, {rest}.")
    elif deed == "vider":
        quarantine.dismiss(request.user, pk)
        messages.success(request, _("Ligne vidée."))
    else:
        raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("web:quarantine")
