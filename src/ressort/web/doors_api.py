"""Doors of the programs' interface: who asks, by session or bearer token, and the verb each route needs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from ressort.core.accounts.actions import bearer
from ressort.core.accounts.backends import on_loopback
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Forbidden, Refused

_SAFE = {"GET", "HEAD", "OPTIONS"}


def person(request: HttpRequest) -> Any:
    """Return who asks: the bearer of a token, the person of the session, or nobody in particular.

    A session's cookie travels by itself, so a request that changes something must prove with the CSRF token that it
    comes from our own pages; a bearer token does not.

    Raises
    ------
    Refused
        401 for a token that is unknown or spent, 403 for a missing CSRF proof.
    """
    header = request.headers.get("Authorization", "")
    if header:
        scheme, __, secret = header.partition(" ")
        known = bearer(secret.strip()) if scheme.lower() == "bearer" else None
        if known is None:
            raise Refused("bad-token", _("Ce jeton d'accès est inconnu, retiré ou trop ancien."), status=401)
        if known.is_demo and not on_loopback(request):
            raise Forbidden(_("Les comptes de démonstration ne fonctionnent que sur la machine elle-même."))
        return known
    user: Any = getattr(request, "user", None) or AnonymousUser()
    if user.is_authenticated and request.method not in _SAFE and check_csrf(request) is not None:
        raise Refused(
            "csrf", _("Cette demande ne vient pas d'une page de ce site : rechargez la page."), status=403
        )
    return user


def verb(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Say which verb of the policy table a route needs, and check it before the route runs."""

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def route(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            authorise(request.auth, name)  # type: ignore[attr-defined]  # set by ninja
            return function(request, *args, **kwargs)

        # Annotations are read where the route was written: the wrapper's module does not know its schemas.
        route.__signature__ = signature(function, eval_str=True)  # type: ignore[attr-defined]
        route.verb = name  # type: ignore[attr-defined]
        return route

    return wrap
