"""Tables exchanged as CSV: template, export, dry run, application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ressort.core.accounts import people
from ressort.core.accounts.models import User
from ressort.core.accounts.policy import authorise
from ressort.core.accounts.tables import staff
from ressort.core.errors import Unknown
from ressort.core.fleet.tables import planned_shifts, vehicles
from ressort.core.tables import Comparison, Table
from ressort.core.territory.tables import stops
from ressort.web import exchanging
from ressort.web.administration.pages_people import invite_by_message
from ressort.web.doors import door


@dataclass(frozen=True, slots=True)
class Kind:
    """An exchanged table of the administration: who may, and the page it belongs to."""

    make: Callable[[Any], Table]
    verb: str
    page: str


KINDS = {
    "personnes": Kind(staff, "people.manage", "web:people"),
    "vehicules": Kind(vehicles, "fleet.manage", "web:vehicles"),
    "services": Kind(planned_shifts, "fleet.manage", "web:shifts"),
    "arrets": Kind(stops, "stop.manage", "web:stops"),
}


def _kind(request: HttpRequest, name: str) -> Kind:
    found = KINDS.get(name)
    if found is None:
        raise Unknown(
            "table", _("Ce fichier n'existe pas : choisissez personnes, véhicules, services ou arrêts.")
        )
    authorise(request.user, found.verb)
    return found


@door("people.manage")
@require_safe
def template(request: HttpRequest, name: str) -> HttpResponse:
    """Give out an empty table with its headers and an example."""
    return exchanging.given_out(_kind(request, name).make(request.user), name, empty=True)


@door("people.manage")
@require_safe
def export(request: HttpRequest, name: str) -> HttpResponse:
    """Give out what is there, as a file that reads back to the same."""
    return exchanging.given_out(_kind(request, name).make(request.user), name)


@door("people.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def exchange(request: HttpRequest, name: str) -> HttpResponse:
    """Take a file of one of the kinds; people who are new are invited."""
    kind = _kind(request, name)

    def invite(done: Comparison) -> None:
        if kind.make is staff:
            _invite(request, [row.values["email"] for row in done.of("new")])

    return exchanging.exchange(
        request,
        kind.make(request.user),
        kind.page,
        reverse("web:table_export", args=[name]),
        reverse("web:table_template", args=[name]),
        applied=invite,
    )


def _invite(request: HttpRequest, emails: list[str]) -> None:
    """Send their invitation to the people a file added; whoever has an account uses it."""
    count = 0
    for person in User.objects.filter(email__in=emails):
        if people.has_never_come(person):
            _person, secret = people.send_again(request.user, person.pid)
            invite_by_message(request, person, secret)
            count += 1
    if count:
        messages.success(request, _("Invitations qui partent : %(count)d.") % {"count": count})
