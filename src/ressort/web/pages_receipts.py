"""Public pages on automated decisions: the register, a receipt in words, contesting it, following the answer."""

from __future__ import annotations

import json
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core import registry
from ressort.core.appeals import actions as appealing
from ressort.core.appeals import queries as appeals
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import receipts
from ressort.core.journal.models import Receipt
from ressort.core.retold import retold_words
from ressort.web import algorithms as register
from ressort.web import notices, throttle
from ressort.web.doors import door
from ressort.web.forms import Contest, ContestFor, refuse

SHOWN = 20_000  # characters of raw JSON


@door("receipt.see")
@require_safe
def algorithms(request: HttpRequest) -> HttpResponse:
    """Show the register of algorithms, and find a receipt by its number."""
    if asked := request.GET.get("number", "").strip():
        return redirect("web:receipt", number=asked[:30])
    return render(request, "web/algorithms.html", {"register": register.register()})


@door("receipt.see")
@require_safe
def algorithms_csv(request: HttpRequest) -> HttpResponse:
    """Give the register out as a table."""
    del request
    return HttpResponse(
        register.as_csv(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="algorithmes.csv"'},
    )


@door("receipt.see")
@require_safe
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """Show a decision in words: what the law asks to be told, and how to contest it."""
    return _receipt(request, receipts.find(number))


@door("receipt.replay")
@require_POST
def replay(request: HttpRequest, number: str) -> HttpResponse:
    """Compute a decision again and say whether the answer is the same."""
    found = receipts.find(number)
    return _receipt(request, found, outcome=computed_again(number))


def computed_again(number: str) -> receipts.Replay:
    """Compute a decision again.

    Raises
    ------
    Refused
        If its service is no longer installed, or what it received no longer kept.
    """
    try:
        return receipts.replay(number)
    except KeyError:
        raise Refused(
            "no-replayer", _("Ce calcul ne peut plus être refait : son service n'est plus installé.")
        ) from None


def _receipt(request: HttpRequest, found: Receipt, **more: Any) -> HttpResponse:
    here = request.build_absolute_uri(reverse("web:receipt", args=[found.number]))
    context = {**told(found), "here": here, "qr": qr(here)}
    return render(request, "web/receipt.html", {**context, **more})


def told(found: Receipt) -> dict[str, Any]:
    """Return a receipt in words, for the public page and for the desk of those who answer appeals."""
    algorithm = registry.algorithm_of(found.kind)
    answer = json.loads(found.answer)
    inputs = receipts.inputs(found) if found.inputs else None
    return {
        "receipt": found,
        "words": retold_words(json.loads(found.words)),
        "algorithm": algorithm,
        "role": register.role_words(algorithm) if algorithm else "",
        "responsible": str(algorithm.responsible()) if algorithm else "",
        "telling": algorithm.tell(inputs, answer) if algorithm and algorithm.tell and inputs else None,
        "inputs": _pretty(inputs) if inputs else "",
        "answer": _pretty(answer),
    }


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)[:SHOWN]


def qr(address: str) -> SafeString:
    """Return the QR code of an address, drawn in the page."""
    drawn = segno.make(address, error="m", micro=False)
    return mark_safe(drawn.svg_inline(scale=3, border=2, dark="#000", light="#fff"))


@door("appeal.make")
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, number: str) -> HttpResponse:
    """Ask that a person take a decision up again; no account is needed."""
    return _contest(request, number, Contest(request.POST or None, initial=_known(request.user)))


@door("appeal.make_for")
@require_http_methods(["GET", "HEAD", "POST"])
def contest_for(request: HttpRequest, number: str) -> HttpResponse:
    """Type a re-examination for somebody on the phone, at the counter or from a paper form."""
    return _contest(request, number, ContestFor(request.POST or None))


def _contest(request: HttpRequest, number: str, form: Contest) -> HttpResponse:
    found = receipts.find(number)
    if request.method == "POST" and form.is_valid():
        key = f"appeal {request.META.get('REMOTE_ADDR', '')}"
        given: dict[str, Any] = dict(form.cleaned_data)
        if isinstance(form, ContestFor):
            key = f"appeal for {request.user.pk}"
            typed, behalf = form.split()
            given = {**typed, "behalf": behalf}
        throttle.check(key)
        throttle.count(key)
        try:
            made = appealing.contest(request.user, found.number, **given)
        except Refused as refused:
            refuse(form, refused)
        else:
            notices.tell(notices.RECEIVED, made)
            messages.success(request, _("C'est envoyé. Une personne va reprendre cette décision."))
            return redirect("web:appeal", code=made.code)
    context = {
        "receipt": found,
        "words": retold_words(json.loads(found.words)),
        "form": form,
        "for_other": isinstance(form, ContestFor),
    }
    return render(request, "web/contest.html", context, status=422 if form.errors else 200)


def _known(user: Any) -> dict[str, str]:
    return {"email": user.email, "phone": user.phone} if user.is_authenticated else {}


@door("appeal.follow")
@require_safe
def appeal(request: HttpRequest, code: str) -> HttpResponse:
    """Follow a re-examination by its number: where it stands, by when an answer is owed, the answer."""
    found = appeals.by_code(code)
    context = {
        "appeal": found,
        "statement": getattr(found, "statement", None),
        "answers": [answer for answer in found.answers.all() if answer.text],
        "days_left": max(0, (found.due - service_now()).days),
    }
    return render(request, "web/appeal.html", context)


@door("appeal.follow")
@require_POST
def erase_appeal(request: HttpRequest, code: str) -> HttpResponse:
    """Erase what was written and how to reach the person."""
    if request.POST.get("sure") != "yes":
        raise Refused(
            "not-sure", _("Cochez la case pour confirmer que vous voulez tout effacer."), field="sure"
        )
    appealing.erase(request.user, code)
    messages.success(request, _("Votre texte et vos coordonnées sont effacés."))
    return redirect("web:appeal", code=code)
