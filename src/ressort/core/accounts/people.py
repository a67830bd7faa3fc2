"""Verbs of an administrator on the people of their organisations: invite, give and take roles, let go.

An organisation is never left without an active administrator whose access does not end.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ressort.core.accounts import actions
from ressort.core.accounts.models import Membership, Organisation, Role, Token, User
from ressort.core.accounts.policy import ADMINISTRATOR, authorise, roles
from ressort.core.clock import wall_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import declare, record

INVITATION_LIFE = timedelta(days=7)

declare("people.invited", "Une personne a été invitée ({role}).", "organisation", "role")
declare("people.invitation_sent", "Une invitation a été envoyée de nouveau.")
declare("people.invitation_withdrawn", "Une invitation a été retirée.")
declare("people.role_given", "Un rôle a été donné ({role}).", "organisation", "role")
declare("people.role_taken", "Un rôle a été retiré ({role}).", "organisation", "role")
declare("people.role_limited", "La durée d'un accès a changé ({role}).", "organisation", "role")
declare("people.left", "Une personne est partie : ses accès sont fermés.")
declare("people.returned", "Une personne est revenue : ses accès sont rouverts.")
declare("people.corrected", "Les coordonnées d'une personne ont été corrigées.", "fields")


@dataclass(frozen=True, slots=True)
class Told:
    """A person as an administrator sees them.

    Attributes
    ----------
    memberships : tuple of Membership
        In the organisations that the administrator manages.
    state : str
        ``active``, ``sent`` (invited, never came), ``expired`` (the invitation is too old), ``off`` (has left).
    """

    person: User
    memberships: tuple[Membership, ...]
    state: str


@dataclass(frozen=True, slots=True)
class Within:
    """An organisation as the policy table sees it."""

    organisation_id: int


def managed(user: Any) -> QuerySet[Organisation]:
    """Return the organisations whose people ``user`` manages, by name."""
    return Organisation.objects.filter(pk__in=roles(user).get(ADMINISTRATOR, set())).order_by("name")


def organisation(user: Any, pid: str) -> Organisation:
    """Return one of the organisations that ``user`` manages."""
    found = Organisation.objects.filter(pid=pid).first()
    if found is None:
        raise Unknown("organisation", _("Cette organisation n'existe pas."))
    authorise(user, "people.manage", Within(found.pk))
    return found


def everyone(user: Any, *, search: str = "", role: str = "", state: str = "") -> QuerySet[User]:
    """Return the people of the organisations that ``user`` manages.

    Parameters
    ----------
    search : str
        Part of a name or of an address, with or without its accents.
    role : str
        Those who hold it now, or held it.
    state : str
        ``active``, ``invited`` (never came yet) or ``off``.
    """
    authorise(user, "people.manage")
    mine = managed(user)
    found = User.objects.filter(memberships__organisation__in=mine)
    if search:
        found = found.filter(pk__in=User.objects.called(search, found))
    if role in Role.values:
        found = found.filter(memberships__role=role, memberships__organisation__in=mine)
    never = Q(last_login=None, password__startswith=UNUSABLE_PASSWORD_PREFIX)
    match state:
        case "active":
            found = found.exclude(never).filter(is_active=True)
        case "invited":
            found = found.filter(never, is_active=True)
        case "off":
            found = found.filter(is_active=False)
    return found.distinct().order_by("name", "pk")


def told(user: Any, persons: Iterable[User]) -> list[Told]:
    """Return people with their roles and where they stand; three queries, however many they are."""
    found = list(persons)
    held: dict[int, list[Membership]] = {}
    mine = Membership.objects.filter(user__in=found, organisation__in=managed(user))
    for membership in mine.select_related("organisation").order_by("organisation__name", "role"):
        held.setdefault(membership.user_id, []).append(membership)
    links = Token.objects.filter(user__in=found, label=actions.INVITATION, used=None)
    live = set(links.filter(expires__gt=wall_now()).values_list("user_id", flat=True))
    return [Told(one, tuple(held.get(one.pk, ())), _state(one, one.pk in live)) for one in found]


def has_never_come(person: User) -> bool:
    """Tell whether an invitation is the only way into an account so far."""
    return person.last_login is None and not person.has_usable_password()


def _state(person: User, invited: bool) -> str:  # noqa: FBT001
    if not person.is_active:
        return "off"
    if has_never_come(person):
        return "sent" if invited else "expired"
    return "active"


def last_moment(day: date | None) -> datetime | None:
    """Return the end of a day of the territory, when an access given until that day ends; None for None."""
    return None if day is None else datetime.combine(day, time(23, 59, 59), ZoneInfo(settings.TIME_ZONE))


def find(user: Any, pid: str) -> User:
    """Return a person of one of the organisations that ``user`` manages.

    Raises
    ------
    Unknown
        Also for a person of elsewhere: that they exist is nobody's business.
    """
    found = everyone(user).filter(pid=pid).first()
    if found is None:
        raise Unknown("person", _("Cette personne n'est dans aucune de vos organisations."))
    return found


def invitation(person: User) -> str:
    """Make the one-time secret of an invitation; the ones before are void. Inside a transaction."""
    Token.objects.filter(user=person, label=actions.INVITATION, used=None).delete()
    secret = secrets.token_urlsafe(24)
    Token.objects.create(
        digest=actions.digest(secret),
        user=person,
        use=Token.Use.LINK,
        label=actions.INVITATION,
        expires=wall_now() + INVITATION_LIFE,
    )
    return secret


def clean_role(role: str) -> str:
    """Return a role that an organisation gives, or refuse."""
    if role not in set(Role.values) - {Role.RIDER}:
        raise Refused("bad-role", _("Choisissez un rôle de la liste."), field="role")
    return role


def clean_until(until: datetime | None) -> datetime | None:
    """Return the end of an access, which must be to come; None for one without end."""
    if until is not None and until <= wall_now():
        raise Refused(
            "past-end", _("La fin de l'accès est déjà passée : choisissez un jour à venir."), field="until"
        )
    return until


def invite(
    user: Any,
    home: Organisation,
    *,
    email: str,
    name: str,
    role: str,
    phone: str = "",
    until: datetime | None = None,
) -> tuple[User, str]:
    """Invite somebody into an organisation with a role.

    Returns
    -------
    (User, str)
        The person, and the secret of their one-time link; empty when they have an account they use already:
        the role is added to it.

    Raises
    ------
    Refused
        If a field is wrong, or they hold this role already.
    """
    authorise(user, "people.manage", Within(home.pk))
    email, name, phone = actions.clean_email(email), actions.clean_name(name), actions.clean_phone(phone)
    role, until = clean_role(role), clean_until(until)
    with transaction.atomic():
        person = User.objects.filter(email=email).first()
        if person is None:
            person = User.objects.create_user(email, None, name=name, phone=phone)
        elif not person.is_active:
            raise Refused(
                "has-left",
                _("Cette personne est partie : rouvrez ses accès depuis sa fiche."),
                status=409,
                field="email",
            )
        made, new = Membership.objects.get_or_create(
            user=person, organisation=home, role=role, defaults={"until": until}
        )
        if not new:
            raise Refused(
                "role-held",
                _("Cette personne est déjà %(role)s dans cette organisation.")
                % {"role": made.get_role_display().lower()},
                status=409,
                field="email",
            )
        secret = invitation(person) if has_never_come(person) else ""
        _record("people.invited", user, person, made)
    return person, secret


def _record(kind: str, user: Any, person: User, membership: Membership) -> None:
    payload = {"organisation": membership.organisation.pid, "role": membership.role}
    record(kind, actor=user.pid, subject=person.pid, payload=payload)


def send_again(user: Any, pid: str) -> tuple[User, str]:
    """Make a new link for somebody who never came; the one before is void."""
    person = find(user, pid)
    if not has_never_come(person):
        raise Refused(
            "came-already",
            _("Cette personne s'est déjà connectée : elle n'a pas besoin d'invitation."),
            status=409,
        )
    if not person.is_active:
        raise Refused("has-left", _("Cette personne est partie : rouvrez d'abord ses accès."), status=409)
    with transaction.atomic():
        secret = invitation(person)
        record("people.invitation_sent", actor=user.pid, subject=person.pid)
    return person, secret


def withdraw(user: Any, pid: str) -> None:
    """Withdraw an invitation: the link is void; roles of yours go, and the account if nothing else holds it."""
    person = find(user, pid)
    if not has_never_come(person):
        raise Refused(
            "came-already", _("Cette personne s'est déjà connectée : retirez plutôt ses rôles."), status=409
        )
    with transaction.atomic():
        mine = Membership.objects.filter(user=person, organisation__in=managed(user))
        keep_one_administrator(mine)
        mine.delete()
        kept = person.pid
        if Membership.objects.filter(user=person).exists():
            Token.objects.filter(user=person, label=actions.INVITATION, used=None).delete()
        else:
            person.delete()
        record("people.invitation_withdrawn", actor=user.pid, subject=kept)


def give(user: Any, pid: str, home: Organisation, role: str, until: datetime | None = None) -> Membership:
    """Give a role in an organisation to somebody who is in one of yours."""
    person = find(user, pid)
    authorise(user, "people.manage", Within(home.pk))
    role, until = clean_role(role), clean_until(until)
    with transaction.atomic():
        made, new = Membership.objects.get_or_create(
            user=person, organisation=home, role=role, defaults={"until": until}
        )
        if not new:
            raise Refused(
                "role-held",
                _("Cette personne a déjà ce rôle dans cette organisation."),
                status=409,
                field="role",
            )
        _record("people.role_given", user, person, made)
    return made


def _membership(user: Any, pid: str, pk: int) -> Membership:
    found = Membership.objects.filter(pk=pk, user__pid=pid).select_related("organisation", "user").first()
    if found is None:
        raise Unknown("role", _("Ce rôle n'existe plus."))
    authorise(user, "people.manage", found)
    return found


def take(user: Any, pid: str, pk: int) -> Membership:
    """Withdraw a role from somebody; return what it was."""
    found = _membership(user, pid, pk)
    with transaction.atomic():
        keep_one_administrator(Membership.objects.filter(pk=found.pk))
        found.delete()
        _record("people.role_taken", user, found.user, found)
    return found


def limit(user: Any, pid: str, pk: int, until: datetime | None) -> None:
    """Set the end of an access, or remove it."""
    found, until = _membership(user, pid, pk), clean_until(until)
    with transaction.atomic():
        if until is not None:
            keep_one_administrator(Membership.objects.filter(pk=found.pk))
        Membership.objects.filter(pk=found.pk).update(until=until)
        _record("people.role_limited", user, found.user, found)


def correct(user: Any, pid: str, *, name: str, phone: str) -> User:
    """Correct the name and telephone of somebody of your organisations."""
    person = find(user, pid)
    whole(user, person)
    wanted = {"name": actions.clean_name(name), "phone": actions.clean_phone(phone)}
    changed = sorted(key for key, value in wanted.items() if getattr(person, key) != value)
    if changed:
        with transaction.atomic():
            User.objects.filter(pk=person.pk).update(**wanted)
            record("people.corrected", actor=user.pid, subject=person.pid, payload={"fields": changed})
        person.refresh_from_db()
    return person


def whole(user: Any, person: User) -> None:
    """Refuse to touch an account that another organisation counts on too."""
    for membership in Membership.objects.filter(user=person):
        authorise(user, "people.manage", membership)


def leave(user: Any, pid: str) -> User:
    """Close the accesses of somebody who leaves, at once: sessions, links and programs' tokens end."""
    person = find(user, pid)
    whole(user, person)
    with transaction.atomic():
        keep_one_administrator(Membership.objects.filter(user=person))
        if not User.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
            raise Refused("has-left", _("Les accès de cette personne sont déjà fermés."), status=409)
        Token.objects.filter(user=person).delete()
        end_sessions(person)
        record("people.left", actor=user.pid, subject=person.pid)
    person.refresh_from_db()
    return person


def end_sessions(person: User) -> int:
    """Delete every open session of a person; return how many."""
    mine = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=wall_now()).iterator()
        if session.get_decoded().get("_auth_user_id") == str(person.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()
    return len(mine)


def come_back(user: Any, pid: str) -> User:
    """Open the accesses of somebody again: the same roles; sessions and tokens that ended stay ended."""
    person = find(user, pid)
    whole(user, person)
    with transaction.atomic():
        if not User.objects.filter(pk=person.pk, is_active=False).update(is_active=True):
            raise Refused("is-here", _("Les accès de cette personne sont déjà ouverts."), status=409)
        record("people.returned", actor=user.pid, subject=person.pid)
    person.refresh_from_db()
    return person


def keep_one_administrator(going: QuerySet[Membership]) -> None:
    """Refuse, inside the transaction, what would leave an organisation without administrator."""
    lasting = Membership.objects.filter(role=Role.ADMINISTRATOR, until=None, user__is_active=True)
    list(lasting.select_for_update())  # one withdrawal at a time
    gone = set(going.values_list("pk", flat=True))
    for membership in going.filter(role=Role.ADMINISTRATOR, until=None, user__is_active=True).select_related(
        "organisation"
    ):
        if not lasting.filter(organisation=membership.organisation).exclude(pk__in=gone).exists():
            raise Refused(
                "last-administrator",
                _(
                    "C'est le dernier administrateur de « %(name)s » : nommez d'abord une autre personne, sans date de fin."
                )
                % {"name": membership.organisation.name},
                status=409,
            )
