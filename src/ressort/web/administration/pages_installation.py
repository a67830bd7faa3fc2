"""What the installation says of itself, its street network, and where its set-up stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ressort.core.errors import Refused
from ressort.core.installation import actions, branding, reading
from ressort.core.network import build, loading
from ressort.web import tokens
from ressort.web.administration.forms import Branding, NetworkFile
from ressort.web.beginning.steps import steps
from ressort.web.context import Shell
from ressort.web.doors import door
from ressort.web.forms import refuse

get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@door("people.manage")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Show what can be administered, and what is still missing."""
    missing = [step for step in steps() if not step.done]
    return render(request, "web/administration/overview.html", {"missing": missing})


@door("installation.change")
@get_or_post
def identity(request: HttpRequest) -> HttpResponse:
    """Change the name, logo, colour, languages, services and legal words."""
    form = (
        Branding(request.POST, request.FILES)
        if request.method == "POST"
        else Branding.now(Shell(request).territory)
    )
    if request.method == "POST" and change_identity(request, form):
        messages.success(request, _("C'est enregistré."))
        return redirect("web:branding")
    context = {"form": form, "preview": preview_of(form["accent"].value() or "")}
    return render(request, "web/administration/branding.html", context, status=422 if form.errors else 200)


def change_identity(request: HttpRequest, form: Branding) -> bool:
    """Write what the form says; return whether it was."""
    if not form.is_valid():
        return False
    try:
        actions.change(request.user, **form.fields_to_change())
    except Refused as error:
        refuse(form, error)
        return False
    return True


def preview_of(colour: str) -> dict[str, Any]:
    """Return an accent as it will be: the style it gives, its contrast as typed, and whether it is adjusted."""
    try:
        style = tokens.accent_style(colour)
    except ValueError:
        return {"style": "", "wrong": True}
    ground = tokens.colours("light")["surface"]
    ratio = tokens.contrast(colour, ground) if colour else 21.0
    return {"style": style, "ratio": ratio, "adjusted": ratio < 4.8, "wrong": False}


@door("installation.change")
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """Answer the preview of an accent colour, as a fragment."""
    found = preview_of(request.GET.get("accent", "")[:7].lower())
    return render(request, "web/administration/preview.html", {"preview": found})


@door("portal.see")
@require_safe
def logo(request: HttpRequest, name: str) -> HttpResponse:
    """Give out the installation's logo, and nothing else of its folder."""
    del request
    file = branding.path(name) if name == reading.current().logo else None
    if file is None:
        raise Http404(_("Ce logo n'existe pas."))
    response = HttpResponse(file.read_bytes(), content_type=branding.KINDS[Path(name).suffix])
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "public, max-age=86400"
    return response


@door("portal.see")
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    """Show the legal notice: who publishes, who hosts, how to reach them."""
    return render(request, "web/legal.html")


@door("network.load")
@get_or_post
def network(request: HttpRequest) -> HttpResponse:
    """Load a street network: send an extract, or name one that is on the server."""
    form = NetworkFile(request.POST, request.FILES) if request.method == "POST" else NetworkFile()
    if request.method == "POST" and load(request, form):
        return redirect("web:network")
    return render(
        request, "web/administration/network.html", network_context(form), status=422 if form.errors else 200
    )


def load(request: HttpRequest, form: NetworkFile) -> bool:
    """Ask for the extract of a form to be loaded; return whether it was."""
    if not form.is_valid():
        return False
    sent, path = form.cleaned_data["file"], form.cleaned_data["path"].strip()
    try:
        if sent:
            loading.ask(request.user, loading.receive(sent.name, sent.chunks()))
        elif path:
            loading.ask(request.user, Path(path))
        else:
            raise Refused(  # noqa: TRY301 - said beside the field like every other
                "no-file", _("Choisissez un fichier, ou écrivez son chemin sur le serveur."), field="file"
            )
    except Refused as error:
        if path and not sent:
            error.field = "path"
        refuse(form, error)
        return False
    return True


def network_context(form: NetworkFile) -> dict[str, Any]:
    """Return what the loading page shows: the network in service, and the load under way or just over."""
    job = loading.latest()
    return {
        "form": form,
        "network": build.active_version(),
        "job": job,
        "loading": job is not None and job.state in loading.LIVE,
    }


@door("network.load")
@require_safe
def progress(request: HttpRequest) -> HttpResponse:
    """Answer where the load stands, as a fragment; once it is over the whole page is read again."""
    job = loading.latest()
    if job is None or job.state not in loading.LIVE:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return render(request, "web/administration/network_progress.html", {"job": job})


@door("network.load")
@require_POST
def stop_loading(request: HttpRequest) -> HttpResponse:
    """Stop the load under way; the network in service stays."""
    loading.stop(request.user)
    messages.success(request, _("Chargement arrêté : le réseau en service n'a pas changé."))
    return redirect("web:setup_network" if request.POST.get("from") == "setup" else "web:network")
