"""People and their roles as an exchanged table: one line for each role of a person in an organisation."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.accounts import actions, people
from ressort.core.accounts.models import Membership, Role, User
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused
from ressort.core.journal import declare, record
from ressort.core.tables import Column, Row, Table, Values

declare(
    "people.taken", "Rôles lus dans un fichier, donnés : {added}, modifiés : {changed}.", "added", "changed"
)

_ROLES = {str(role): role.label for role in Role if role != Role.RIDER}

COLUMNS = (
    Column("email", gettext_lazy("adresse électronique"), actions.clean_email, required=True, example="prenom.nom@exemple.fr"),
    Column("name", gettext_lazy("nom"), cells.line(120), required=True, example="Camille Martin"),
    Column("phone", gettext_lazy("téléphone"), actions.clean_phone, example="06 12 34 56 78"),
    Column("role", gettext_lazy("rôle"), cells.choice(_ROLES), cells.choice_words(_ROLES), empty=None, required=True, help=cells.choices_words(_ROLES), example=gettext_lazy("Conducteur")),
    Column("organisation", gettext_lazy("organisation"), cells.line(160), help=gettext_lazy("Vide : la vôtre."), keep=True),
    Column("until", gettext_lazy("jusqu’au"), cells.day, cells.day_words, empty=None, help=gettext_lazy("Dernier jour de l’accès ; vide : sans fin."), example="", plain=True),
)  # fmt: skip


def _changed(row: Row) -> set[str]:
    """Return the keys of the columns that a row changes."""
    titles = {title for title, __, __ in row.changes}
    return {column.key for column in COLUMNS if str(column.title) in titles}


class _Staff:
    """The roles held in the organisations that somebody manages."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.homes = {" ".join(home.name.split()): home for home in people.managed(self.user)}
        self.usual = next(iter(self.homes), "")
        self.zone = ZoneInfo(settings.TIME_ZONE)

    def rows(self) -> Iterable[tuple[Membership, Values]]:
        held = Membership.objects.filter(organisation__in=[home.pk for home in self.homes.values()]).exclude(
            role=Role.RIDER
        )
        for one in held.select_related("user", "organisation").order_by(
            "user__name", "user_id", "role", "organisation__name"
        ):
            yield (
                one,
                {
                    "email": one.user.email,
                    "name": one.user.name,
                    "phone": one.user.phone,
                    "role": one.role,
                    "organisation": " ".join(one.organisation.name.split()),
                    "until": one.until.astimezone(self.zone).date() if one.until else None,
                },
            )

    def keys(self, values: Values) -> Sequence[Hashable]:
        return [(values["email"], values["role"], values["organisation"] or self.usual)]

    def check(self, row: Row) -> None:
        home = row.values.get("organisation") or self.usual
        if home not in self.homes:
            raise Refused(
                "not-yours", _("Vous n'administrez pas d'organisation de ce nom."), field="organisation"
            )
        changed = _changed(row)
        if row.present is None or "until" in changed:
            people.clean_until(people.last_moment(row.values.get("until")))
        if row.present is not None:
            if changed & {"name", "phone"}:
                people.whole(self.user, row.present.user)
            if "until" in changed and row.values["until"] is not None:
                with transaction.atomic():
                    people.keep_one_administrator(Membership.objects.filter(pk=row.present.pk))
            return
        person = User.objects.filter(email=row.values["email"]).first()
        if person is not None and not person.is_active:
            raise Refused(
                "has-left", _("Cette personne est partie : rouvrez ses accès depuis sa fiche."), field="email"
            )

    def write(self, found: list[Row]) -> None:
        authorise(self.user, "people.manage")
        added = [row for row in found if row.present is None]
        for row in added:
            person = User.objects.filter(email=row.values["email"]).first() or User.objects.create_user(
                row.values["email"],
                None,
                name=actions.clean_name(row.values["name"]),
                phone=row.values.get("phone", ""),
            )
            Membership.objects.create(
                user=person,
                organisation=self.homes[row.values.get("organisation") or self.usual],
                role=row.values["role"],
                until=people.last_moment(row.values.get("until")),
            )
        changed = [row for row in found if row.present is not None]
        for row in changed:
            changes = _changed(row)
            fields = {key: row.values[key] for key in ("name", "phone") if key in changes}
            if fields:
                User.objects.filter(pk=row.present.user_id).update(**fields)
            if "until" in changes:
                until = people.last_moment(row.values["until"])
                if until is not None:
                    people.keep_one_administrator(Membership.objects.filter(pk=row.present.pk))
                Membership.objects.filter(pk=row.present.pk).update(until=until)
        record("people.taken", actor=self.user.pid, payload={"added": len(added), "changed": len(changed)})


def staff(user: Any) -> Table:
    """Return the table of the people of the organisations that ``user`` manages."""
    one = _Staff(user)
    return Table("people", _("Personnes"), COLUMNS, one.rows, one.keys, one.write, one.check)
