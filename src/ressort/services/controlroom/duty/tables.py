"""Turns as an exchanged table: from a spreadsheet, with a dry run; and back."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core import cells
from ressort.core.accounts.actions import clean_phone
from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused
from ressort.core.journal import record
from ressort.core.tables import Column, Row, Table, Values, folded
from ressort.services.controlroom.duty import queries
from ressort.services.controlroom.duty.actions import lines, planning
from ressort.services.controlroom.duty.models import MOST_RANKS, DutyContact, DutyLine, DutyTurn

KEPT = timedelta(days=31)
"""How far back the turns that are there are exported and compared with."""

COLUMNS = (
    Column("line", gettext_lazy("astreinte"), cells.line(60), required=True, help=gettext_lazy("Son nom, tel qu'il est ici."), example=gettext_lazy("Astreinte voirie")),
    Column("rank", gettext_lazy("rang"), cells.whole(1, MOST_RANKS), str, empty=1, help=gettext_lazy("Vide : 1, le premier appelé."), example="1", plain=True),
    Column("person", gettext_lazy("personne"), cells.line(120), required=True, help=gettext_lazy("Inconnue de la liste, elle y est ajoutée : donnez alors son téléphone ou son adresse."), example="Camille Roy"),
    Column("from_day", gettext_lazy("du"), cells.day, cells.day_words, empty=None, required=True, example="04/12/2026", plain=True),
    Column("from_hour", gettext_lazy("à partir de"), cells.hour, cells.hour_words, empty=None, required=True, example="17:00", plain=True),
    Column("until_day", gettext_lazy("au"), cells.day, cells.day_words, empty=None, required=True, example="11/12/2026", plain=True),
    Column("until_hour", gettext_lazy("jusqu'à"), cells.hour, cells.hour_words, empty=None, required=True, example="17:00", plain=True),
    Column("phone", gettext_lazy("téléphone"), clean_phone, help=gettext_lazy("Pour une personne qui n'est pas encore sur la liste."), example="06 12 34 56 78", keep=True, plain=True),
    Column("email", gettext_lazy("adresse électronique"), cells.line(254), example="camille.roy@exemple.fr", keep=True),
)  # fmt: skip


class _Roster:
    """The turns of the lines that somebody plans."""

    def __init__(self, user: Any) -> None:
        self.user = user
        self.homes: set[int] = set()
        self.lines: dict[str, DutyLine] = {}
        self.people: dict[tuple[int, str], DutyContact] = {}
        self.double: set[tuple[int, str]] = set()
        self.new: set[tuple[int, str]] = set()
        self.spans: dict[tuple[int, int, str], list[tuple[datetime, datetime, Any]]] = {}

    def rows(self) -> Iterable[tuple[DutyTurn, Values]]:
        self.homes = queries.mine(self.user, lines.PLAN)
        mine = DutyLine.objects.filter(organisation__in=self.homes, closed=None)
        self.lines = {folded(one.name): one for one in mine}
        for one in DutyContact.objects.filter(organisation__in=self.homes, left=None):
            key = (one.organisation_id, folded(one.name))
            (self.double.add(key) if key in self.people else None)
            self.people[key] = one
        zone = get_default_timezone()
        found = DutyTurn.objects.filter(line__in=mine, ends__gt=service_now() - KEPT)
        for turn in found.select_related("line", "contact"):
            start, end = turn.starts.astimezone(zone), turn.ends.astimezone(zone)
            whose = (turn.line_id, turn.rank, folded(turn.contact.name))
            self.spans.setdefault(whose, []).append((turn.starts, turn.ends, turn.pk))
            yield (
                turn,
                {
                    "line": turn.line.name,
                    "rank": turn.rank,
                    "person": turn.contact.name,
                    "from_day": start.date(),
                    "from_hour": start.time(),
                    "until_day": end.date(),
                    "until_hour": end.time(),
                    "phone": turn.contact.phone,
                    "email": turn.contact.email,
                },
            )

    def keys(self, values: Values) -> Sequence[Hashable]:
        parts = ("rank", "from_day", "from_hour")
        return [(folded(values["line"] or ""), folded(values["person"] or ""), *(values[p] for p in parts))]

    def span(self, row: Row) -> tuple[datetime, datetime]:
        values = row.values
        return (
            planning.instant(values["from_day"], values["from_hour"]),
            planning.instant(values["until_day"], values["until_hour"]),
        )

    def line(self, row: Row) -> DutyLine:
        found = self.lines.get(folded(row.values["line"]))
        if found is None:
            names = ", ".join(one.name for one in self.lines.values()) or "–"
            raise Refused(
                "bad-line",
                _("Aucune astreinte ne porte ce nom. Astreintes : %(names)s.") % {"names": names},
                field="line",
            )
        return found

    def check(self, row: Row) -> None:
        line = self.line(row)
        planning.checked_rank(line, row.values["rank"])
        starts, ends = self.span(row)
        planning.checked_span(starts, ends)
        taken = self.spans.setdefault((line.pk, row.values["rank"], folded(row.values["person"])), [])
        own = row.present.pk if row.present else f"line {row.line}"
        if any(one < ends and two > starts and pk != own for one, two, pk in taken):
            raise Refused("already-on", planning.TWICE, field="person")
        taken.append((starts, ends, own))
        key = (line.organisation_id, folded(row.values["person"]))
        if key in self.double:
            raise Refused(
                "double-name",
                _("Deux personnes de la liste portent ce nom : distinguez-les."),
                field="person",
            )
        if key in self.people or key in self.new:
            if row.present is not None and any(key in row.values for key in ("phone", "email")):
                self._same_reach(row)
            return
        lines._contact_words(self.reach(row))  # noqa: SLF001 - said now rather than when it is written
        self.new.add(key)

    def _same_reach(self, row: Row) -> None:
        """Refuse to change how somebody is reached from a file of turns."""
        titles = {str(COLUMNS[7].title), str(COLUMNS[8].title)}
        if any(title in titles for title, _before, _after in row.changes):
            raise Refused(
                "reach-differs",
                _(
                    "Ses coordonnées diffèrent de celles de la liste : changez-les dans la liste, ou laissez vide."
                ),
                field="phone",
            )

    def reach(self, row: Row) -> dict[str, Any]:
        phone, email = row.values.get("phone") or "", row.values.get("email") or ""
        by = DutyContact.By.BOTH
        return {"name": row.values["person"], "phone": phone, "email": email, "by": by}

    def write(self, found: list[Row]) -> None:
        authorise(self.user, lines.PLAN)
        people = changed = 0
        for row in found:
            line = self.line(row)
            key = (line.organisation_id, folded(row.values["person"]))
            who = self.people.get(key)
            if who is None:
                who = self.people[key] = lines.make_contact(line.organisation_id, self.reach(row))
                people += 1
            starts, ends = self.span(row)
            if row.present is None:
                DutyTurn.objects.create(
                    line=line, rank=row.values["rank"], contact=who, starts=starts, ends=ends
                )
            else:
                DutyTurn.objects.filter(pk=row.present.pk).update(ends=ends)
                changed += 1
        payload = {"turns": len(found) - changed, "changed": changed, "people": people}
        record("controlroom.duty.imported", actor=self.user.pid, payload=payload)


def roster(user: Any) -> Table:
    """Return the turns of the lines that somebody plans, as a table."""
    made = _Roster(user)
    return Table("duty", _("Tours d'astreinte"), COLUMNS, made.rows, made.keys, made.write, made.check)
