"""Pages of the messages: how a person wishes to be told, and the outbox for those who look after it."""

from __future__ import annotations

from datetime import time
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.core.notify import actions, channels, kinds, queries, sending, webpush
from ressort.core.notify.models import Channel, Message, Preference
from ressort.web import throttle
from ressort.web.doors import door
from ressort.web.forms import refuse
from ressort.web.words import phone as phone_words

PER_PAGE = 50
_WORDS = {
    Channel.EMAIL: gettext_lazy("Courriel"),
    Channel.SMS: gettext_lazy("SMS"),
    Channel.PUSH: gettext_lazy("Notification"),
    Channel.LETTER: gettext_lazy("Lettre"),
}
_ICONS = {Channel.EMAIL: "mail", Channel.SMS: "phone", Channel.PUSH: "bell", Channel.LETTER: "print"}
_STATES = {
    # state of a message: code of the house's pills, word
    Message.State.WAITING: ("waiting", gettext_lazy("En attente")),
    Message.State.SENDING: ("running", gettext_lazy("En cours d'envoi")),
    Message.State.SENT: ("sent", gettext_lazy("Envoyé")),
    Message.State.FAILED: ("failed", gettext_lazy("Échec")),
    Message.State.BOUNCED: ("refused", gettext_lazy("Adresse refusée")),
    Message.State.CANCELLED: ("cancelled", gettext_lazy("Annulé")),
    Message.State.PRINTED: ("done", gettext_lazy("Imprimé")),
}
_OUTCOMES = {
    "sent": gettext_lazy("Confié au transporteur"),
    "again": gettext_lazy("Échec ; un autre essai suivra"),
    "failed": gettext_lazy("Échec, pour de bon"),
    "bounced": gettext_lazy("L'adresse ne reçoit pas"),
    "delivered": gettext_lazy("Remis, dit le transporteur"),
    "resent": gettext_lazy("Remis en attente par une personne"),
    "printed": gettext_lazy("Imprimée"),
}


class Wishes(forms.Form):
    """Quiet hours and postal address; the channels of each family are added as the families are known."""

    quiet = forms.BooleanField(
        label=gettext_lazy("Me laisser tranquille la nuit"),
        required=False,
        help_text=gettext_lazy(
            "Les messages qui ne pressent pas attendent le matin. Un retard ou une annulation part aussitôt."
        ),
    )
    quiet_from = forms.TimeField(
        label=gettext_lazy("À partir de"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Écrivez l'heure ainsi : 21:00.")},
    )
    quiet_to = forms.TimeField(
        label=gettext_lazy("Jusqu'à"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Écrivez l'heure ainsi : 07:00.")},
    )
    postal = forms.CharField(
        label=gettext_lazy("Adresse postale"),
        required=False,
        max_length=400,
        help_text=gettext_lazy(
            "Seulement si vous voulez des lettres, pour les trajets réservés plus de quatre jours à l'avance."
        ),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "street-address"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for family, kind in kinds.families(user).items():
            choices = [
                (channel, _WORDS[Channel(channel)]) for channel in Channel.values if channel in kind.by
            ]
            self.fields[f"family-{family}"] = forms.MultipleChoiceField(
                label=str(kind.label), choices=choices, required=False, widget=forms.CheckboxSelectMultiple
            )

    @classmethod
    def of(cls, user: User, kept: Preference) -> Wishes:
        """Return the form filled with what a person prefers."""
        quiet = kept.quiet_from != kept.quiet_to
        start, end = (kept.quiet_from, kept.quiet_to) if quiet else sending.QUIET
        chosen = {f"family-{family}": kept.families.get(family, sending.USUAL) for family in kinds.families()}
        hours = {"quiet": quiet, "quiet_from": _time(start), "quiet_to": _time(end), "postal": kept.postal}
        return cls(user, initial={**hours, **chosen})

    @property
    def families(self) -> list[forms.BoundField]:
        """The groups of boxes, one per family."""
        return [self[name] for name in self.fields if name.startswith("family-")]

    def kept(self) -> dict[str, Any]:
        """Return what :func:`ressort.core.notify.actions.choose` takes."""
        data = self.cleaned_data
        start, end = (
            _minutes(data["quiet_from"], sending.QUIET[0]),
            _minutes(data["quiet_to"], sending.QUIET[1]),
        )
        families = {
            name.removeprefix("family-"): chosen
            for name, chosen in data.items()
            if name.startswith("family-")
        }
        return {
            "families": families,
            "quiet_from": start,
            "quiet_to": end if data["quiet"] else start,
            "postal": data["postal"],
        }


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def _minutes(at: time | None, usual: int) -> int:
    return usual if at is None else at.hour * 60 + at.minute


@door("notify.choose")
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show by which ways a person is told of what, and let them choose."""
    user = cast("User", request.user)
    kept = actions.preference(user)
    form = Wishes(user, request.POST) if request.method == "POST" else Wishes.of(user, kept)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose(user, **form.kept())
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("C'est enregistré."))
            return redirect("web:messages")
    reached: list[dict[str, Any]] = [
        {"channel": Channel.EMAIL, "icon": "mail", "word": _("Courriel"), "address": user.email},
        {"channel": Channel.SMS, "icon": "phone", "word": _("Téléphone"), "address": user.phone,
         "said": phone_words(user.phone)},
    ]  # fmt: skip
    for way in reached:
        way["dead"] = bool(way["address"]) and kept.dead.get(str(way["channel"])) == way["address"]
    context = {
        "form": form,
        "reached": reached,
        "devices": user.push_subscriptions.order_by("pk"),
        "push_key": webpush.public_key(),
    }
    return render(request, "web/messages_mine.html", context, status=422 if form.errors else 200)


@door("notify.choose")
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Send oneself a message by every way that works."""
    user = cast("User", request.user)
    throttle.check(f"trial {user.pk}")
    throttle.count(f"trial {user.pk}")
    ways = [str(_WORDS[Channel(message.channel)]).lower() for message in actions.trial(user)]
    said = _("Un message d'essai part : %(ways)s.") % {"ways": ", ".join(dict.fromkeys(ways))}
    messages.success(request, said)
    return redirect("web:messages")


@door("notify.choose")
@require_POST
def revive(request: HttpRequest) -> HttpResponse:
    """Use again an address that had stopped working."""
    actions.revive(cast("User", request.user), request.POST.get("channel", "")[:8])
    messages.success(request, _("Nous utiliserons de nouveau cette adresse."))
    return redirect("web:messages")


@door("notify.choose")
@require_POST
def add_device(request: HttpRequest) -> HttpResponse:
    """Keep what this browser gave to receive notifications."""
    given = {name: request.POST.get(name, "")[:600] for name in ("endpoint", "p256dh", "auth", "label")}
    actions.subscribe(cast("User", request.user), **given)
    messages.success(request, _("Cet appareil recevra vos notifications."))
    return redirect("web:messages")


@door("notify.choose")
@require_POST
def remove_device(request: HttpRequest, device: int) -> HttpResponse:
    """Stop a browser's notifications."""
    actions.unsubscribe(cast("User", request.user), device)
    messages.success(request, _("Cet appareil ne recevra plus de notifications."))
    return redirect("web:messages")


# ------------------------------------------------------------------ the outbox


@door("notify.see")
@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """List the messages, newest first, by state, channel or follow code."""
    kept = {name: request.GET.get(name, "")[:60].strip() for name in ("etat", "canal", "code")}
    found = queries.outbox(state=kept["etat"], channel=kept["canal"], search=kept["code"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_row(message) for message in page],
        "states": [("", _("Tous")), *((state, word) for state, (_code, word) in _STATES.items())],
        "channels": [("", _("Tous")), *_WORDS.items()],
        "search": kept["code"],
        "state": kept["etat"],
        "channel": kept["canal"],
        "filtered": any(kept.values()),
        "without_state": _rest(kept, "etat"),
        "without_channel": _rest(kept, "canal"),
        "troubles": queries.troubles(),
        "ways": {"mail": not channels.in_terminal(), "sms": bool(settings.SMS_URL)},
    }
    return render(request, "web/messages_outbox.html", context)


def _rest(kept: dict[str, str], without: str) -> str:
    """Return the other filters as the end of an address."""
    others = {name: value for name, value in kept.items() if value and name != without}
    return f"&{urlencode(others)}" if others else ""


def _row(message: Message) -> dict[str, Any]:
    code, word = _STATES[Message.State(message.state)]
    if message.delivered:
        code, word = "confirmed", gettext_lazy("Remis")
    return {
        "message": message,
        "code": code,
        "word": word,
        "channel": _WORDS[Channel(message.channel)],
        "icon": _ICONS[Channel(message.channel)],
        "to": _to(message),
    }


def _to(message: Message) -> str:
    """Return whom a message goes to, in a few characters."""
    if message.blanked:
        return _("effacé")
    match message.channel:
        case Channel.SMS:
            return phone_words(message.address)
        case Channel.PUSH:
            return _("un appareil abonné")
        case Channel.LETTER:
            return message.address.splitlines()[0] if message.address else ""
    return message.address


@door("notify.see")
@require_safe
def message(request: HttpRequest, pid: str) -> HttpResponse:
    """Show one message: its words, what it waits for, each try."""
    found = actions.find(pid)
    tries = [
        {
            "at": one.at,
            "word": _OUTCOMES.get(one.outcome, one.outcome),
            "says": one.says,
            "outcome": one.outcome,
        }
        for one in found.tries.all()
    ]
    over = found.state not in {Message.State.WAITING, Message.State.SENDING}
    context = {
        **_row(found),
        "tries": tries,
        "can_resend": over and not found.blanked and not found.had_secret,
        "is_letter": found.channel == Channel.LETTER and found.state == Message.State.WAITING,
    }
    return render(request, "web/messages_one.html", context)


@door("notify.resend")
@require_POST
def resend(request: HttpRequest, pid: str) -> HttpResponse:
    """Send a message once more."""
    actions.resend(request.user, pid)
    messages.success(request, _("Le message repart."))
    return redirect("web:message", pid=pid)


@door("notify.see")
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Show the letters that wait, one a page, ready to be printed."""
    found = list(queries.letters()[:100])
    return render(request, "web/messages_letters.html", {"letters": found, "sender": sending.sender()})


@door("notify.resend")
@require_POST
def printed(request: HttpRequest) -> HttpResponse:
    """Note that letters were printed."""
    count = actions.printed(request.user, request.POST.getlist("letter"))
    said = ngettext("%(n)d lettre marquée imprimée.", "%(n)d lettres marquées imprimées.", count) % {
        "n": count
    }
    messages.success(request, said)
    return redirect("web:outbox")
