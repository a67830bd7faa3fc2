"""The desk of those who answer appeals: what waits, by due date, and one appeal with its receipt beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ressort.core.appeals import actions, queries
from ressort.core.appeals.models import Appeal
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import receipts
from ressort.web import notices
from ressort.web.doors import door
from ressort.web.forms import Reply, refuse
from ressort.web.pages_receipts import computed_again, told

PAGE = 40
VIEWS = (
    ("", gettext_lazy("À traiter")),
    (Appeal.State.TAKEN, gettext_lazy("Prises en charge")),
    (Appeal.State.ANSWERED, gettext_lazy("Répondues")),
)
DEEDS = {
    "prendre": (actions.take, gettext_lazy("Vous reprenez cette décision : la personne voit votre nom.")),
    "rendre": (actions.release, gettext_lazy("La demande attend de nouveau quelqu'un.")),
    "rouvrir": (actions.reopen, gettext_lazy("La demande est rouverte.")),
}


@door("appeal.answer")
@require_safe
def listed(request: HttpRequest) -> HttpResponse:
    """List the appeals, what is late first."""
    state = request.GET.get("etat", "")
    state = state if state in {code for code, _words in VIEWS} else ""
    page = Paginator(queries.listed(state), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "state": state, "views": VIEWS, "waiting": queries.waiting()}
    return render(request, "web/appeals.html", context)


@door("appeal.answer")
@require_safe
def one(request: HttpRequest, pid: str) -> HttpResponse:
    """Show an appeal with the receipt beside it; ``?refaire=1`` computes the decision again."""
    return _desk(request, queries.by_pid(pid), Reply())


def _desk(request: HttpRequest, found: Appeal, form: Reply) -> HttpResponse:
    context: dict[str, Any] = {
        "appeal": found,
        "statement": getattr(found, "statement", None),
        "answers": list(found.answers.all()),
        "form": form,
        "mine": found.taken_by_id == request.user.pk,
        "others": queries.of_receipt(found.receipt) - 1,
    }
    try:
        context |= told(receipts.find(found.receipt))
        if request.GET.get("refaire"):
            context["outcome"] = computed_again(found.receipt)
    except Unknown:
        context["receipt"] = None
    return render(request, "web/appeal_desk.html", context, status=422 if form.errors else 200)


@door("appeal.answer")
@require_POST
def act(request: HttpRequest, pid: str, deed: str) -> HttpResponse:
    """Take, give back, reopen, or erase what was written."""
    if deed == "effacer":
        actions.erase(request.user, queries.by_pid(pid).code)
        messages.success(request, _("Le texte et les coordonnées de cette demande sont effacés."))
        return redirect("web:appeal_desk", pid=pid)
    if deed not in DEEDS:
        raise Unknown("deed", _("Cette action n'existe pas."))
    run, words = DEEDS[deed]
    try:
        run(request.user, pid)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, str(words))
    return redirect("web:appeal_desk", pid=pid)


@door("appeal.answer")
@require_POST
def answer(request: HttpRequest, pid: str) -> HttpResponse:
    """Answer in plain words."""
    form = Reply(request.POST)
    if form.is_valid():
        try:
            made = actions.answer(request.user, pid, **form.cleaned_data)
        except Refused as refused:
            refuse(form, refused)
        else:
            notices.tell(notices.ANSWERED, made)
            messages.success(request, _("Votre réponse est donnée."))
            return redirect("web:appeal_desk", pid=pid)
    return _desk(request, queries.by_pid(pid), form)
