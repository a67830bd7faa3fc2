"""The console's pages of shadow: what is on trial, how it does, who lets it act."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts import policy
from ressort.core.accounts.models import User
from ressort.core.errors import Refused, Unknown
from ressort.engines.shadow import Count, Share
from ressort.services.controlroom.shadow import deciding, judging
from ressort.services.controlroom.shadow.forms import CriteriaForm, ReflexForm
from ressort.services.controlroom.shadow.models import Reflex, Trial
from ressort.web import undo
from ressort.web.doors import door
from ressort.web.forms import refuse

PAGE = 40


@dataclass(frozen=True, slots=True)
class Shown:
    """A trial as pages show it."""

    trial: Trial
    count: Count
    lacks: list[str]
    said: list[str]

    @property
    def state(self) -> str:
        """Return how it stands."""
        if self.trial.real:
            return "real"
        return "shadow" if self.lacks else "ready"


def shown(trial: Trial) -> Shown:
    """Return a trial with its counts and, in sentences, what it lacks."""
    counted = judging.count(trial)
    lacks = judging.lacking(trial, counted)
    words = {
        "cases": _("Il y a %(cases)s cas ; il en faut %(fewest)s.")
        % {"cases": counted.cases, "fewest": trial.fewest},
        "agreement": _("Les gens ont fait de même %(match)s fois sur %(cases)s ; il faut %(agreement)s %%.")
        % {"match": counted.match, "cases": counted.cases, "agreement": trial.agreement},
        "danger": _("%(danger)s propositions dangereuses n'ont pas été suivies ; il n'en faut aucune.")
        % {"danger": counted.danger},
    }
    told = lacks if counted.cases else ["cases"]
    return Shown(trial, counted, lacks, [words[one] for one in told if one in lacks])


@door("controlroom.trial.see")
@require_safe
def trials(request: HttpRequest) -> HttpResponse:
    """List what is on trial, and the reflexes."""
    rows = Trial.objects.select_related("reflex__rule", "reflex__asset").order_by("real", "pk")
    context = {
        "trials": [shown(one) for one in rows],
        "may_write": policy.allowed(request.user, "controlroom.reflex.write").ok,
    }
    return render(request, "controlroom/shadow/trials.html", context)


@door("controlroom.trial.see")
@require_safe
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a trial: whether it is ready, why, and its cases."""
    return _trial(request, pk, None)


def _trial(request: HttpRequest, pk: int, form: CriteriaForm | None, status: int = 200) -> HttpResponse:
    found = deciding.find(pk)
    one = shown(found)
    kept = {"fewest": found.fewest, "agreement": found.agreement, "window": found.window}
    cases = found.proposals.select_related("asset").order_by("-at", "-pk")
    context = {
        "one": one,
        "trial": found,
        "form": form or CriteriaForm(initial=kept),
        "page": Paginator(cases, PAGE).get_page(request.GET.get("page")),
        "precision": _percent(one.count.precision),
        "recall": _percent(one.count.recall),
        "by": User.objects.filter(pid=found.moved_by).values_list("name", flat=True).first()
        if found.moved_by
        else "",
        "may_decide": policy.allowed(request.user, "controlroom.trial.decide").ok,
        "may_stop": policy.allowed(request.user, "controlroom.trial.stop").ok,
    }
    return render(request, "controlroom/shadow/trial.html", context, status=status)


def _percent(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {
        "value": share.value,
        "low": round(low * 100),
        "high": round(high * 100),
        "of": share.of,
        "among": share.among,
    }


@door("controlroom.trial.see")
@require_POST
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Write the criteria, let it act, put it back in observation."""
    match deed:
        case "criteres":
            form = CriteriaForm(request.POST)
            if not form.is_valid():
                return _trial(request, pk, form, 422)
            deciding.write(request.user, pk, **form.cleaned_data)
            messages.success(request, _("Critères gardés."))
        case "agir":
            deciding.release(request.user, pk)
            undo.said(
                request,
                _("Les commandes partent désormais pour de vrai."),
                reverse("controlroom:trial_act", args=[pk, "observer"]),
                {},
            )
        case "observer":
            deciding.withdraw(request.user, pk)
            messages.success(request, _("Retour en observation : plus rien n'en part."))
        case _:
            raise Unknown("deed", _("Cette action n'existe pas."))
    return redirect("controlroom:trial", pk)


@door("controlroom.reflex.write")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a reflex."""
    return _write(request, None)


@door("controlroom.reflex.write")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a reflex again."""
    reflex = Reflex.objects.select_related("asset").filter(pk=pk).first()
    if reflex is None:
        raise Unknown("reflex", _("Ce réflexe n'existe pas."))
    return _write(request, reflex)


def _write(request: HttpRequest, reflex: Reflex | None) -> HttpResponse:
    kept: dict[str, Any] | None = None
    if reflex is not None:
        kept = {
            "name": reflex.name,
            "rule": str(reflex.rule_id),
            "asset": reflex.asset.code,
            "verb": reflex.verb,
        }
        kept |= {"value": next(iter(reflex.params.values()), None), "active": reflex.active}
    form = ReflexForm(request.POST) if request.method == "POST" else ReflexForm(initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            made = deciding.write_reflex(request.user, form.cleaned_data, reflex.pk if reflex else None)
        except Refused as error:
            refuse(form, error)
        else:
            messages.success(request, _("Réflexe écrit : il propose, rien ne part encore."))
            return redirect("controlroom:trial", made.trial.pk)
    context = {"form": form, "reflex": reflex, "assets": form.assets()}
    return render(request, "controlroom/shadow/reflex.html", context, status=422 if form.errors else 200)
