"""The door of a page: which verb of the policy table it asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Protocol, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from ressort.core.accounts import policy
from ressort.core.errors import Forbidden

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponse]


class GuardedView[**P](Protocol):
    """A view that names its verb."""

    verb: str

    def __call__(self, request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        """Answer the request."""


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a visitor to the sign-in page, and back here afterwards."""
    here = (
        request.get_full_path()
        if request.method in {"GET", "HEAD"}
        else request.META.get("HTTP_REFERER", "/")
    )
    address = f"{reverse('web:signin')}?{urlencode({'next': here})}"
    if getattr(request, "htmx", False):  # a fragment cannot follow a redirect: the whole page goes
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def door[**P](verb: str) -> Callable[[View[P]], GuardedView[P]]:
    """Let in only those whom the policy table allows ``verb`` (to at least one object).

    The page's actions still check the object itself. A visitor who is not signed in is sent to sign in and comes
    back; somebody signed in is told why not. ``view.verb`` keeps the verb: a test finds one on every page.

    Parameters
    ----------
    verb : str
        A verb of ``core/accounts/policy.py``; one that is not in the table is an error at the first visit.

    Raises
    ------
    Forbidden
        From the view, when the person is signed in and the table says no.

    Examples
    --------
    >>> @door("console.see")
    ... def board(request): ...
    """

    def decorate(view: View[P]) -> GuardedView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            user: Any = request.user
            verdict = policy.allowed(user, verb)
            if verdict.ok:
                return view(request, *args, **kwargs)
            if not user.is_authenticated:
                return to_sign_in(request)
            raise Forbidden(verdict.why)

        found = cast("GuardedView[P]", guarded)
        found.verb = verb
        return found

    return decorate
