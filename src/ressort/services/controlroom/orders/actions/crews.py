"""Crews: made, changed, who is in them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Organisation, User
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.services.controlroom.incidents.actions import holding as cleaning
from ressort.services.controlroom.orders import states
from ressort.services.controlroom.orders.models import Crew, CrewMember, Trade

MANAGE = "controlroom.crew.manage"


def find(pid: str) -> Crew:
    """Return a crew."""
    found = Crew.objects.select_related("organisation").filter(pid=pid[:24]).first()
    if found is None:
        raise Unknown("crew", _("Cette équipe n'existe pas : reprenez la liste des équipes."))
    return found


def make(user: Any, name: str, trade: str, organisation: str = "") -> Crew:
    """Make a crew of one of the person's organisations."""
    home = cleaning.home(user, MANAGE, organisation)
    with transaction.atomic():
        words = _checked(home, name, trade)
        made = Crew.objects.create(organisation_id=home, **words)
        payload = {"trade": made.trade, "organisation": Organisation.objects.get(pk=home).pid}
        record("controlroom.crew.made", actor=user.pid, subject=made.pid, payload=payload)
    return made


def _checked(home: int, name: str, trade: str, crew: Crew | None = None) -> dict[str, Any]:
    words = {
        "name": cleaning.line(name, 60, field="name", what=_("Nom")),
        "trade": cleaning.among(trade, Trade, field="trade", sentence=_("Choisissez un métier de la liste.")),
    }
    same = Crew.objects.filter(organisation=home, name__iexact=words["name"])
    if (same.exclude(pk=crew.pk) if crew else same).exists():
        raise Refused("same-name", _("Une équipe porte déjà ce nom : choisissez-en un autre."), field="name")
    return words


def change(user: Any, pid: str, name: str, trade: str, *, active: bool) -> Crew:
    """Change the name or trade of a crew, or put it aside; one that has work under way stays."""
    with transaction.atomic():
        crew = Crew.objects.select_for_update(of=("self",)).get(pk=find(pid).pk)
        authorise(user, MANAGE, crew)
        words = _checked(crew.organisation_id, name, trade, crew) | {"active": active}
        fields = sorted(one for one, value in words.items() if getattr(crew, one) != value)
        if not fields:
            raise Refused("no-change", _("Rien n'a changé : tout est déjà ainsi."), status=409)
        busy = crew.work_orders.filter(state__in=states.HELD).count()
        if "active" in fields and not active and busy:
            raise Refused(
                "crew-busy",
                _("Cette équipe a %(n)d intervention(s) en cours : confiez-les d'abord à une autre.")
                % {"n": busy},
                status=409,
                field="active",
            )
        for one in fields:
            setattr(crew, one, words[one])
        crew.save(update_fields=fields)
        record("controlroom.crew.changed", actor=user.pid, subject=crew.pid, payload={"fields": fields})
    return crew


def join(user: Any, pid: str, email: str) -> CrewMember:
    """Put somebody who has an account into a crew."""
    with transaction.atomic():
        crew = find(pid)
        authorise(user, MANAGE, crew)
        person = User.objects.filter(email=email.strip().lower()[:254], is_active=True).first()
        if person is None:
            raise Refused(
                "no-account",
                _("Aucun compte n'a cette adresse : invitez d'abord la personne depuis « Personnes »."),
                field="email",
            )
        made, new = CrewMember.objects.get_or_create(
            crew=crew, user=person, defaults={"since": service_now()}
        )
        if not new:
            raise Refused(
                "already-in", _("Cette personne est déjà dans l'équipe."), status=409, field="email"
            )
        record("controlroom.crew.joined", actor=user.pid, subject=crew.pid, payload={"person": person.pid})
    return made


def part(user: Any, pid: str, person: str) -> User:
    """Take somebody out of a crew."""
    with transaction.atomic():
        crew = find(pid)
        authorise(user, MANAGE, crew)
        row = CrewMember.objects.select_related("user").filter(crew=crew, user__pid=person[:24]).first()
        if row is None:
            raise Refused(
                "not-in", _("Cette personne n'est plus dans l'équipe : rechargez la page."), status=409
            )
        row.delete()
        record("controlroom.crew.left", actor=user.pid, subject=crew.pid, payload={"person": row.user.pid})
    return row.user
