"""The page of somebody called: what happens, and two buttons. Opened by the code of the message, from a telephone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ressort.core.accounts import policy
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.services.controlroom.duty import forms
from ressort.services.controlroom.duty.actions import answering
from ressort.services.controlroom.duty.cascade_models import CascadeStep
from ressort.web.doors import door
from ressort.web.forms import refuse


@door("controlroom.duty.answer")
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, code: str) -> HttpResponse:
    """Say that one sees to it, or cannot. Opening the page changes nothing: previews of links open it too."""
    step = answering.step_of(code)
    if code != step.code:
        return redirect("controlroom:duty_answer", code=step.code)
    form = forms.Answer(request.POST) if request.method == "POST" else forms.Answer()
    if request.method == "POST" and form.is_valid():
        said = request.POST.get("answer", "")
        try:
            if said not in {"yes", "no"}:
                raise Refused("no-answer", _("Dites si vous vous en chargez, ou non."))  # noqa: TRY301
            answering.answer(request.user, code, yes=said == "yes", note=form.cleaned_data["note"])
        except Refused as error:
            refuse(form, error)
        else:
            return redirect("controlroom:duty_answer", code=step.code)
    answer = render(
        request,
        "controlroom/duty/answer.html",
        _context(request, answering.step_of(code), form),
        status=409 if form.errors else 200,
    )
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _context(request: HttpRequest, step: CascadeStep, form: Any) -> dict[str, Any]:
    call = step.cascade
    incident = call.incident
    see = bool(incident) and policy.allowed(request.user, "controlroom.incident.see", incident).ok
    late = step.state in {"silent", "waiting", "no"} and call.state in {"calling", "exhausted"}
    return {
        "step": step,
        "call": call,
        "incident": incident,
        "about": call.about,
        "form": form,
        "may_yes": late,
        "may_no": call.state == "calling" and step.state in {"silent", "waiting"},
        "may_give_up": step.state == "yes" and call.state == "answered",
        "other": call.steps.filter(state="yes").exclude(pk=step.pk).exists(),
        "link": reverse("controlroom:incident", args=[incident.number]) if incident and see else "",
        "over": step.state == "waiting" and call.due is not None and call.due < service_now(),
    }


def find_by_code(code: str) -> str | None:
    """Return the page of somebody called, by the code of the message."""
    try:
        return reverse("controlroom:duty_answer", args=[answering.step_of(code).code])
    except Unknown:
        return None
