"""One HTTP call out, without redirects: what gateways and push services need."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

_MOST = 20_000  # bytes read of an answer


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and beginning of the body of an answer."""

    status: int
    body: bytes


class Unanswered(Exception):  # noqa: N818 - an outcome
    """Nobody answered, or not in time, or not in HTTP."""


class _Still(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a POST would become a GET elsewhere, token and all."""

    def redirect_request(self, *_args: Any, **_fields: Any) -> None:
        """Leave the answer as it is."""


_opener = urllib.request.build_opener(_Still())


def call(method: str, url: str, body: bytes | None, headers: dict[str, str], timeout: float) -> Answer:
    """Send a request to a configured address and return the answer, whatever its status.

    Raises
    ------
    Unanswered
        If there is none.
    """
    try:
        request = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310
        with _opener.open(request, timeout=timeout) as answer:
            return Answer(answer.status, answer.read(_MOST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read(_MOST))
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unanswered(type(error).__name__) from error
