"""Playbooks: the library, writing one, and its printed form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.accounts.policy import allowed, authorise
from ressort.core.errors import Refused, Unknown
from ressort.engines import procedures
from ressort.services.controlroom.incidents import faults, queries, runs
from ressort.services.controlroom.incidents.actions import playbooks
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook
from ressort.services.controlroom.incidents.situation_models import Situation
from ressort.web.doors import door
from ressort.web.forms import refuse

SEE = "controlroom.playbook.see"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


class Name(forms.Form):
    """The name of a playbook."""

    name = forms.CharField(
        label=gettext_lazy("Nom de la procédure"),
        max_length=80,
        help_text=gettext_lazy("Ce qui arrive, en quelques mots : « Arbre sur la chaussée »."),
        error_messages={"required": gettext_lazy("Donnez un nom à la procédure.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class Text(forms.Form):
    """A draft."""

    purpose = forms.CharField(label=gettext_lazy("À quoi elle sert"), max_length=200, required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("Proposée d'abord pour"),
        required=False,
        choices=lambda: [
            ("", _("Tous les incidents")),
            *((v, str(w).capitalize()) for v, w in Incident.Category.choices),
        ],
    )
    situation = forms.ChoiceField(
        label=gettext_lazy("Commence avec une situation"),
        required=False,
        choices=lambda: [
            ("", _("Aucune")),
            *((v, str(w).capitalize()) for v, w in Situation.Kind.choices),
        ],
        help_text=gettext_lazy("Elle est alors proposée à qui déclare cette situation."),
    )
    text = forms.CharField(
        label=gettext_lazy("Étapes"),
        max_length=playbooks.TEXT,
        required=False,
        help_text=gettext_lazy(
            "Une étape par ligne : Vérifier, Appeler, Commander, Prévenir, Attendre, Décider, deux-points, quoi."
        ),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "true", "class": "steps-text"}),
    )


@door("controlroom.playbook.see")
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """List the playbooks: in force, in preparation, of the past."""
    found = list(
        Playbook.objects.filter(organisation__in=queries.mine(request.user, SEE)).order_by("name", "-version")
    )
    live = [one for one in found if one.state in {Playbook.State.DRAFT, Playbook.State.PUBLISHED}]
    context = {
        "live": live,
        "past": [one for one in found if one not in live],
        "may_write": allowed(request.user, playbooks.WRITE).ok,
    }
    return render(request, "controlroom/incidents/playbooks.html", context)


def _seen(request: HttpRequest, pk: int) -> Playbook:
    found = playbooks.find(pk)
    authorise(request.user, SEE, found)
    return found


@door("controlroom.playbook.see")
@require_safe
def playbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a version, drawn."""
    found = _seen(request, pk)
    context = {
        "playbook": found,
        "steps": runs.drawn(found.procedure),
        "faults": faults.sentences(found.procedure),
        "versions": Playbook.objects.filter(organisation=found.organisation_id, name=found.name).order_by(
            "-version"
        ),
        "may_write": allowed(request.user, playbooks.WRITE, found).ok,
    }
    return render(request, "controlroom/incidents/playbook.html", context)


@door("controlroom.playbook.write")
@get_or_post
def new(request: HttpRequest) -> HttpResponse:
    """Begin a playbook."""
    form = Name(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = playbooks.draft(request.user, form.cleaned_data["name"])
        except Refused as refused:
            refuse(form, refused)
        else:
            return redirect("controlroom:playbook_edit", pk=made.pk)
    return render(
        request, "controlroom/incidents/playbook_new.html", {"form": form}, status=422 if form.errors else 200
    )


@door("controlroom.playbook.write")
@get_or_post
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a draft, with its preview and what is wrong line by line."""
    found = playbooks.find(pk)
    authorise(request.user, playbooks.WRITE, found)
    if found.state != Playbook.State.DRAFT:
        return redirect("controlroom:playbook", pk=pk)
    text = found.text
    if request.method == "POST":
        form = Text(request.POST)
        text = request.POST.get("text", "")[: playbooks.TEXT]
        if request.headers.get("HX-Request"):
            return render(request, "controlroom/incidents/playbook_preview.html", _preview(text))
        if form.is_valid():
            try:
                playbooks.change(request.user, pk, **form.cleaned_data)
                if request.POST.get("do") == "publish":
                    made = playbooks.publish(request.user, pk)
                    messages.success(
                        request, _("La version %(version)d est publiée.") % {"version": made.version}
                    )
                    return redirect("controlroom:playbook", pk=pk)
            except Refused as refused:
                refuse(form, refused)
            else:
                messages.success(request, _("Le brouillon est enregistré."))
                return redirect("controlroom:playbook_edit", pk=pk)
    else:
        form = Text(initial={name: getattr(found, name) for name in Text.base_fields})
    context = {"form": form, "playbook": found, **_preview(text)}
    return render(
        request, "controlroom/incidents/playbook_edit.html", context, status=422 if form.errors else 200
    )


def _preview(text: str) -> dict[str, Any]:
    read = procedures.read(text)
    lines = text.replace("\r\n", "\n").split("\n")
    wrong = [
        (line, lines[line - 1][:120] if line <= len(lines) else "", said)
        for line, said in faults.sentences(read)
    ]
    return {
        "steps": runs.drawn(read) if not read.faults or read.steps else [],
        "wrong": wrong,
        "empty": not text.strip(),
    }


@door("controlroom.playbook.write")
@require_POST
def act(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Prepare the next version, withdraw, or throw a draft away."""
    user: Any = request.user
    match deed:
        case "suivante":
            return redirect("controlroom:playbook_edit", pk=playbooks.next_version(user, pk).pk)
        case "retirer":
            playbooks.withdraw(user, pk)
            messages.success(
                request,
                _("La procédure est retirée : elle ne se commence plus. Ce qui est en cours continue."),
            )
            return redirect("controlroom:playbook", pk=pk)
        case "abandonner":
            playbooks.discard(user, pk)
            messages.success(request, _("Le brouillon est abandonné."))
        case _:
            raise Unknown("deed", _("Ce geste n'existe pas : utilisez les boutons de la page."))
    return redirect("controlroom:playbooks")
