"""Signing in by e-mail address; demo accounts stay on the machine itself."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from ressort.core.accounts.actions import belongs
from ressort.core.accounts.models import User


def on_loopback(request: HttpRequest) -> bool:
    """Tell whether a request comes from this machine, directly.

    Anything that went through a proxy is not: a proxy on the same machine would hide where it comes from.
    """
    if "HTTP_X_FORWARDED_FOR" in request.META or "HTTP_FORWARDED" in request.META:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class EmailBackend(BaseBackend):
    """E-mail address and password."""

    def authenticate(
        self, request: HttpRequest | None, email: str = "", password: str = "", **_: Any
    ) -> User | None:
        """Return the person, or None. A wrong address costs as much time as a wrong password."""
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            User().set_password(password)
            return None
        if not user.check_password(password) or not user.is_active:
            return None
        if not belongs(user):
            return None
        if user.is_demo and request is not None and not on_loopback(request):
            return None
        return user

    def get_user(self, user_id: int) -> User | None:
        """Return the person of a session."""
        found = User.objects.filter(pk=user_id, is_active=True).first()
        return found if found and belongs(found) else None


def keep_demo_home(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a demo account's session is refused off the loopback address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        # The session is read only where there is one, so that public pages cost no query.
        if (
            request.session.session_key
            and not on_loopback(request)
            and getattr(request.user, "is_demo", False)
        ):
            logout(request)
            raise PermissionDenied(
                _("Les comptes de démonstration ne fonctionnent que sur la machine elle-même.")
            )
        return get_response(request)

    return middleware
