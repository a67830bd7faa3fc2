"""Errors as people and programs read them: what happened, where, what to do. Never a bare 500."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.errors import Refused
from ressort.core.journal import correlation_id

_log = logging.getLogger(__name__)

# status -> title, sentence, what to do
_WORDS = {
    400: (
        gettext_lazy("Cette demande n'est pas lisible"),
        gettext_lazy("Le formulaire ou l'adresse contient quelque chose que nous n'avons pas su lire."),
        gettext_lazy("Revenez à la page précédente, rechargez-la et recommencez."),
    ),
    403: (
        gettext_lazy("Cette page ne vous est pas ouverte"),
        gettext_lazy("Votre compte ne permet pas de voir ou de faire ceci."),
        gettext_lazy("Connectez-vous avec un autre compte, ou demandez l'accès à votre administrateur."),
    ),
    404: (
        gettext_lazy("Cette page n'existe pas"),
        gettext_lazy("L'adresse est peut-être incomplète, ou la page a été retirée."),
        gettext_lazy("Vérifiez l'adresse, ou cherchez depuis l'accueil."),
    ),
    405: (
        gettext_lazy("Cette adresse ne s'ouvre pas ainsi"),
        gettext_lazy("Elle répond à un bouton ou à un formulaire, pas à une visite directe."),
        gettext_lazy("Revenez à la page précédente et utilisez son bouton."),
    ),
    409: (
        gettext_lazy("La situation a changé entre-temps"),
        gettext_lazy("Quelqu'un d'autre a agi au même moment."),
        gettext_lazy("Rechargez la page : elle montre l'état présent."),
    ),
    413: (
        gettext_lazy("Cet envoi est trop gros"),
        gettext_lazy("Un envoi ne peut pas dépasser 2,5 Mo."),
        gettext_lazy("Réduisez la taille du fichier ou du texte, puis recommencez."),
    ),
    422: (
        gettext_lazy("Ce n'est pas possible ainsi"),
        gettext_lazy("La demande est lisible, mais une règle s'y oppose."),
        gettext_lazy("Revenez à la page précédente et changez ce qui est indiqué."),
    ),
    429: (
        gettext_lazy("Trop d'essais d'affilée"),
        gettext_lazy("Nous freinons les essais pour protéger les comptes."),
        gettext_lazy("Attendez une minute, puis recommencez."),
    ),
    500: (
        gettext_lazy("Quelque chose a cassé chez nous"),
        gettext_lazy("Ce n'est pas de votre fait. L'incident est noté avec le numéro ci-dessous."),
        gettext_lazy("Recommencez dans un instant. Si cela dure, donnez-nous ce numéro."),
    ),
    503: (
        gettext_lazy("Un instant"),
        gettext_lazy("Cette partie n'est pas prête."),
        gettext_lazy("Réessayez dans un moment."),
    ),
}


def wants_json(request: HttpRequest) -> bool:
    """Tell whether a program asks: an address of the interface for programs, or JSON preferred to HTML."""
    if request.path.startswith(("/api/", "/tiles/")):
        return True
    return request.get_preferred_type(["text/html", "application/json", "application/problem+json"]) in {
        "application/json",
        "application/problem+json",
    }


def answer(
    request: HttpRequest, status: int, *, code: str = "", sentence: str = "", field: str = ""
) -> HttpResponse:
    """Return the answer for an error: a page, a toast for an htmx request, or an RFC 9457 document.

    Parameters
    ----------
    status : int
        HTTP status, 400 to 599.
    code, sentence, field : str
        Of the refusal; by default the words of the status.
    """
    title, usual, todo = (str(words) for words in _WORDS.get(status, _WORDS[500 if status >= 500 else 400]))
    code = code or HTTPStatus(status).phrase.lower().replace(" ", "-")
    if wants_json(request):
        problem: dict[str, object] = {
            "type": f"urn:ressort:{code}",
            "title": sentence or title,
            "status": status,
            "code": code,
            "instance": request.path,
        }
        if field:
            problem["field"] = field
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    context = {
        "title": title,
        "sentence": sentence or usual,
        "todo": todo,
        "status": status,
        "code": code,
        "number": correlation_id(),
    }
    if getattr(request, "htmx", False):
        body = render_to_string("web/components/toast.html", {"text": context["sentence"], "tone": "bad"})
        return HttpResponse(body, status=status, headers={"HX-Retarget": "#toasts", "HX-Reswap": "beforeend"})
    if status >= 500:  # nothing that may itself be broken: no database, no session, no static manifest
        return HttpResponse(render_to_string("web/fatal.html", context), status=status)
    return HttpResponse(render_to_string("web/error.html", context, request), status=status)


class ClearErrors:
    """Middleware: turn the refusals of actions and the bare answers of Django into clear ones."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; a bare « method not allowed » becomes an answer that says so."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (
            not response.content or request.path.startswith("/api/")
        ):
            clear = answer(request, 405)
            clear["Allow"] = response.headers.get("Allow", "")
            return clear
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Say a refusal; leave every other exception to the handlers below."""
        if isinstance(exception, Refused):
            return refused(request, exception)
        if isinstance(exception, DataError) and "NUL" in str(exception):  # PostgreSQL keeps no such text
            return answer(
                request,
                400,
                code="bad-character",
                sentence=_(
                    "Ce texte contient un caractère nul, qui ne peut pas être gardé : effacez-le et recommencez."
                ),
            )
        return None


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """Return the answer for a refusal of an action."""
    return answer(request, error.status, code=error.code, sentence=error.sentence, field=error.field)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 when the request was refused for its size."""
    if type(exception).__name__ in {"RequestDataTooBig", "TooManyFieldsSent", "TooManyFilesSent"}:
        return answer(request, 413, code="too-big")
    return answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the reason when one was given."""
    return answer(request, 403, sentence=str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; the sentence of an ``Http404`` raised by hand is kept, the resolver's is not for people."""
    given = exception.args[0] if exception.args else ""
    return answer(request, 404, sentence=given if isinstance(given, str) else "")


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 with the number under which the incident is noted."""
    error = sys.exc_info()[1]
    if isinstance(error, Refused):  # raised by a middleware, where process_exception does not see it
        return refused(request, error)
    _log.error("incident %s on %s", correlation_id(), request.path)
    return answer(request, 500, code="broken")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose safety code is missing or too old."""
    _log.info("csrf: %s", reason)
    words = _(
        "Cette page est restée ouverte trop longtemps, ou les cookies sont refusés : rechargez-la et recommencez."
    )
    return answer(request, 403, code="form-expired", sentence=words)
