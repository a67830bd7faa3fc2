"""The pages of the first run."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ressort.core.accounts import policy
from ressort.core.errors import Forbidden, Refused
from ressort.core.installation import actions, beginning, reading
from ressort.core.territory import loading
from ressort.core.territory.models import Territory
from ressort.web import throttle
from ressort.web.administration.forms import Branding, NetworkFile
from ressort.web.administration.pages_installation import change_identity, load, network_context, preview_of
from ressort.web.beginning.forms import Code, FirstPerson, Search
from ressort.web.beginning.steps import following, steps
from ressort.web.doors import GuardedView, door, to_sign_in
from ressort.web.forms import refuse
from ressort.web.pages import back
from ressort.web.signin import BACKEND

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
UNLOCKED = "setup_code"
"""Where a session keeps the set-up code it gave, until there is an administrator."""

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


def of_setup[**P](view: View[P]) -> GuardedView[P]:
    """Open a page of the set-up to whoever gave the code, then to the administrator; to nobody once it is over."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if reading.is_finished():
            return redirect(
                "web:administration" if policy.allowed(request.user, "people.manage") else "web:home"
            )
        if beginning.has_administrator():
            verdict = policy.allowed(request.user, "installation.change")
            if not request.user.is_authenticated:
                return to_sign_in(request)
            if not verdict:
                raise Forbidden(verdict.why)
        elif not beginning.code_is(request.session.get(UNLOCKED, "") if request.session.session_key else ""):
            return redirect("web:setup")
        return view(request, *args, **kwargs)

    return door("installation.begin")(guarded)


def page(
    request: HttpRequest, template: str, step: str, context: dict[str, Any], *, wrong: bool = False
) -> HttpResponse:
    """Return a page of the set-up with its steps."""
    every = steps()
    number = next((n for n, one in enumerate(every, 1) if one.key == step), 0)
    frame = {
        "steps": every,
        "step": step,
        "number": number,
        "done": sum(one.done for one in every),
        "next": following(step),
    }
    return render(request, template, {**frame, **context}, status=422 if wrong else 200)


@door("installation.begin")
@get_or_post
def setup(request: HttpRequest) -> HttpResponse:
    """Ask for the set-up code; then show the steps, done and to do."""
    if reading.is_finished() or beginning.has_administrator():
        return overview(request)
    key = f"setup {request.META.get('REMOTE_ADDR', '')}"
    form = Code(request.POST or None)
    if request.method == "POST" and form.is_valid():
        throttle.check(key)
        if beginning.code_is(form.cleaned_data["code"]):
            throttle.forget(key)
            request.session.cycle_key()
            request.session[UNLOCKED] = form.cleaned_data["code"]
            return redirect("web:setup_administrator")
        throttle.count(key)
        form.add_error(
            "code",
            _("Ce n'est pas le code d'installation. Relisez-le dans le terminal où Ressort a été lancé."),
        )
    return render(request, "web/beginning/code.html", {"form": form}, status=422 if form.errors else 200)


@of_setup
def overview(request: HttpRequest) -> HttpResponse:
    """Show the steps, and open the pages to everybody when those needed are done."""
    every = steps()
    context = {
        "ready": all(step.done for step in every if step.needed),
        "missing": [one for one in every if not one.done],
    }
    return page(request, "web/beginning/overview.html", "", context)


@of_setup
@sensitive_post_parameters("password")
@get_or_post
def administrator(request: HttpRequest) -> HttpResponse:
    """Create the first administrator, and sign them in."""
    if beginning.has_administrator():
        return redirect("web:setup")
    form = FirstPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            user, _secret = beginning.administrator(given["email"], given["name"], given["password"])
        except Refused as error:
            refuse(form, error)
        else:
            request.session.pop(UNLOCKED, None)
            login(request, user, backend=BACKEND)
            return redirect(following("administrator"))
    return page(
        request, "web/beginning/administrator.html", "administrator", {"form": form}, wrong=bool(form.errors)
    )


@of_setup
@get_or_post
def territory(request: HttpRequest) -> HttpResponse:
    """Search an intercommunality in the official table, look at its communes, choose it."""
    form = Search(request.GET if request.GET.get("q") else None)
    chosen = None
    if request.method == "POST":
        beginning.territory(request.user, request.POST.get("siren", "")[:9])
        return redirect(following("territory"))
    hits = loading.search_epci(form.cleaned_data["q"]) if form.is_bound and form.is_valid() else []
    if siren := request.GET.get("siren", "")[:9]:
        chosen = loading.find_epci(siren)
        if chosen is None:
            raise Refused("unknown-epci", _("Aucune intercommunalité n'a ce SIREN."), status=404)
    present = Territory.objects.filter(parent=None).first()
    context = {
        "form": form,
        "hits": hits,
        "chosen": chosen,
        "asked": request.GET.get("q", "")[:100],
        "present": present,
    }
    return page(request, "web/beginning/territory.html", "territory", context)


@of_setup
@get_or_post
def identity(request: HttpRequest) -> HttpResponse:
    """Name the installation, give it its colours, languages and services."""
    found = Territory.objects.filter(parent=None).values_list("name", flat=True).first()
    form = Branding(request.POST, request.FILES) if request.method == "POST" else Branding.now(found or "")
    if request.method == "POST" and change_identity(request, form):
        return redirect(following("identity"))
    context = {"form": form, "preview": preview_of(form["accent"].value() or "")}
    return page(request, "web/beginning/identity.html", "identity", context, wrong=bool(form.errors))


@of_setup
@get_or_post
def network(request: HttpRequest) -> HttpResponse:
    """Load the street network in the background; follow it, stop it, or go on meanwhile."""
    form = NetworkFile(request.POST, request.FILES) if request.method == "POST" else NetworkFile()
    if request.method == "POST" and load(request, form):
        return redirect("web:setup_network")
    return page(
        request, "web/beginning/network.html", "network", network_context(form), wrong=bool(form.errors)
    )


@of_setup
@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """Open the pages to everybody."""
    actions.finish(request.user)
    messages.success(request, _("L'installation est ouverte."))
    goal = back(request)
    return cast("HttpResponse", redirect("web:administration")) if goal == "/" else HttpResponseRedirect(goal)
