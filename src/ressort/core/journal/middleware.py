"""One correlation id per web request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from ressort.core.journal.recording import correlated


def correlation(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Give each request its correlation id and say it in ``X-Correlation-ID``."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with correlated() as value:
            response = get_response(request)
        response["X-Correlation-ID"] = value
        return response

    return middleware
