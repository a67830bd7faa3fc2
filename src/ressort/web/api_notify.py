"""The route by which carriers of messages report what became of them."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated, Any, Literal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from ressort.core.errors import Refused
from ressort.core.notify import actions
from ressort.web.api import PROBLEMS
from ressort.web.doors_api import verb

router = Router(tags=["messages"])


def carrier(request: HttpRequest) -> Any:
    """Let in whoever knows the token of the reports: as a bearer, or by the signature of the body made with it.

    Raises
    ------
    Refused
        401 otherwise, also where no token is set: nobody may report then.
    """
    token = settings.REPORTS_TOKEN
    scheme, __, given = request.headers.get("Authorization", "").partition(" ")
    signature = request.headers.get("X-Ressort-Signature", "").removeprefix("sha256=")
    expected = hmac.new(token.encode(), request.body, hashlib.sha256).hexdigest()
    bearer = scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
    if token and (bearer or hmac.compare_digest(signature.encode(), expected.encode())):
        return AnonymousUser()
    raise Refused("bad-token", _("Ce jeton de compte rendu est inconnu."), status=401)


class Report(Schema):
    """What became of a message."""

    id: Annotated[str, Field(min_length=1, max_length=160)]
    status: Literal["delivered", "bounced"]
    reason: Annotated[str, Field(max_length=200)] = ""


class Reported(Schema):
    """The message as it now stands."""

    pid: str
    state: str


@router.post(
    "/reports",
    auth=carrier,
    response={200: Reported, **PROBLEMS},
    summary="Report that a message was delivered, or that its address does not work",
)
@verb("notify.report")
def report(request: HttpRequest, body: Report) -> Any:
    """Take in a carrier's report; the same one twice changes nothing."""
    del request
    return actions.report(body.id, body.status, body.reason)
