"""Signing in, opening an account, « Mon espace »."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from ressort.core import registry
from ressort.core.accounts import actions
from ressort.core.accounts.backends import on_loopback
from ressort.core.accounts.models import User
from ressort.core.errors import Refused
from ressort.web import throttle
from ressort.web.doors import door
from ressort.web.forms import AskLink, Details, Join, SignIn, Welcome, refuse
from ressort.web.links import carry
from ressort.web.pages import back, followed

BACKEND = "ressort.core.accounts.backends.EmailBackend"
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def _page(request: HttpRequest, form: SignIn, link_form: AskLink, *, sent: bool = False) -> HttpResponse:
    demo = settings.DEMO and on_loopback(request)
    context = {
        "form": form,
        "link_form": link_form,
        "next": back(request) if request.GET.get("next") or request.POST.get("next") else "",
        "sent": sent,
        "demo_accounts": _demo_accounts() if demo else (),
    }
    return render(request, "web/signin.html", context, status=422 if form.errors or link_form.errors else 200)


def _demo_accounts() -> list[tuple[User, str, str]]:
    """Return the demonstration's people who have a password: role in words, and the page of their own that is not the console."""
    people = User.objects.filter(is_demo=True).exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
    found = []
    for person in people.order_by("id").prefetch_related("memberships"):
        roles = ", ".join(held.get_role_display() for held in person.memberships.all())
        crew, page = ("", "") if roles else _crew(person)
        found.append((person, roles or crew or _("Voyageur"), page))
    return found


def _crew(person: User) -> tuple[str, str]:
    """Return the crew of somebody who has no role, and its page; nothing where no service has crews."""
    try:
        found: tuple[str, str] = registry.capability("crew.of")(person)
    except LookupError:
        return "", ""
    return found


@door("account.sign_in")
@sensitive_post_parameters("password")
@get_or_post
def signin(request: HttpRequest) -> HttpResponse:
    """Sign in by address and password."""
    if request.method != "POST":
        return _page(request, SignIn(), AskLink(prefix="link"))
    form = SignIn(request.POST)
    if form.is_valid():
        key = f"{request.META.get('REMOTE_ADDR', '')} {form.cleaned_data['email'].lower()}"
        throttle.check(key)
        user = authenticate(request, email=form.cleaned_data["email"], password=form.cleaned_data["password"])
        if user is not None:
            throttle.forget(key)
            login(request, user)
            return HttpResponseRedirect(back(request))
        throttle.count(key)
        form.add_error(
            None,
            _("Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez-les, ou demandez un lien."),
        )
    return _page(request, form, AskLink(prefix="link"))


@door("account.sign_in")
@require_POST
def send_link(request: HttpRequest) -> HttpResponse:
    """Send a one-time link; the page says the same whether the address has an account or not."""
    form = AskLink(request.POST, prefix="link")
    if form.is_valid():
        throttle.check(f"link {request.META.get('REMOTE_ADDR', '')}")
        throttle.count(f"link {request.META.get('REMOTE_ADDR', '')}")
        try:
            secret = actions.sign_in_link(form.cleaned_data["email"])
        except Refused as error:
            refuse(form, error)
            return _page(request, SignIn(), form)
        if secret:
            user = User.objects.get(email=actions.clean_email(form.cleaned_data["email"]))
            carry(request, user, secret, "account.link", back(request))
        return _page(request, SignIn(), AskLink(prefix="link"), sent=True)
    return _page(request, SignIn(), form)


@door("account.sign_in")
@sensitive_post_parameters("password")
@get_or_post
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Spend a one-time link, at a press of a button: programs that open mails must not spend it."""
    invited = actions.is_invitation(secret)
    form = Welcome(request.POST or None) if invited else None
    if request.method == "POST" and (form is None or form.is_valid()):
        password = form.cleaned_data["password"] if form else ""
        try:
            user = actions.consume_link(secret, password)
        except Refused as error:
            if form is None or not error.field:
                raise
            refuse(form, error)
        else:
            login(request, user, backend=BACKEND)
            return HttpResponseRedirect(back(request))
    context = {"next": back(request), "form": form}
    return render(request, "web/link.html", context, status=422 if form and form.errors else 200)


@door("account.sign_in")
@sensitive_post_parameters("password")
@get_or_post
def join(request: HttpRequest) -> HttpResponse:
    """Open an account and enter."""
    form = Join(request.POST or None)
    if request.method == "POST" and form.is_valid():
        throttle.check(f"join {request.META.get('REMOTE_ADDR', '')}")
        throttle.count(f"join {request.META.get('REMOTE_ADDR', '')}")
        given = form.cleaned_data
        try:
            user = actions.create(
                given["email"], given["name"], phone=given["phone"], password=given["password"]
            )
        except Refused as error:
            refuse(form, error)
        else:
            login(request, user, backend=BACKEND)
            messages.success(request, _("Votre compte est ouvert. Bienvenue !"))
            return HttpResponseRedirect(back(request))
    status = 422 if form.errors else 200
    return render(request, "web/join.html", {"form": form, "next": back(request)}, status=status)


@door("portal.see")
@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    """Sign out."""
    logout(request)
    return redirect("web:home")


@door("account.see")
@get_or_post
def account(request: HttpRequest) -> HttpResponse:
    """Show one's follow-ups and details; correct the details."""
    form = Details.of(request.user)
    if request.method == "POST":
        form = Details(request.POST)
        if form.is_valid():
            try:
                actions.change(cast("User", request.user), **form.cleaned_data)
            except Refused as error:
                refuse(form, error)
            else:
                messages.success(request, _("C'est enregistré."))
                return redirect("web:account")
    status = 422 if form.errors else 200
    return render(
        request, "web/account.html", {"form": form, "follow": followed(request.user)}, status=status
    )


@door("account.erase")
@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Erase one's own account, for good."""
    if request.POST.get("sure") != "yes":
        raise Refused(
            "not-sure", _("Cochez la case pour confirmer que vous voulez effacer votre compte."), field="sure"
        )
    user = cast("User", request.user)
    actions.erase(user, actor=user)
    logout(request)
    messages.success(request, _("Votre compte est effacé. Merci d'être passé."))
    return redirect("web:home")
