"""Who may do what: one table, verb x role -> scope.

Scopes: ``any`` (every object), ``organisation`` (objects of the person's organisations), ``own`` (objects that are
the person's). A role that a verb does not name may not do it. Services add their rows through their manifest;
``ressort check policy`` prints the whole table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Membership, Role
from ressort.core.clock import wall_now
from ressort.core.errors import Forbidden

PUBLIC = "public"  # anybody, signed in or not
RIDER, OBSERVER, DRIVER, AGENT, DISPATCHER, OPERATOR, ADMINISTRATOR = (str(role) for role in Role)
STAFF = (AGENT, DISPATCHER, OPERATOR, ADMINISTRATOR)
ONLOOKERS = (OBSERVER, *STAFF)  # an observer looks, and does nothing else

Row = Mapping[str, str]

_table: dict[str, dict[str, str]] = {
    # verb                     role: scope
    "portal.see": {PUBLIC: "any"},
    "account.sign_in": {PUBLIC: "any"},
    "account.see": {RIDER: "own", ADMINISTRATOR: "any"},
    "account.change": {RIDER: "own", ADMINISTRATOR: "any"},
    "account.export": {RIDER: "own"},
    "account.erase": {RIDER: "own", ADMINISTRATOR: "any"},
    "account.create": {ADMINISTRATOR: "any"},
    "console.see": dict.fromkeys((DRIVER, *ONLOOKERS), "any"),
    "style.see": {PUBLIC: "any"},
    "journal.see": dict.fromkeys(ONLOOKERS, "any"),
    "receipt.see": {PUBLIC: "any"},
    "receipt.replay": {PUBLIC: "any"},
    "appeal.make": {PUBLIC: "any"},
    "appeal.make_for": dict.fromkeys(STAFF, "any"),  # typed for somebody else
    "appeal.follow": {PUBLIC: "any"},  # whoever has the follow number
    "appeal.answer": dict.fromkeys(STAFF, "any"),
    "privacy.see": {PUBLIC: "any"},
    "privacy.runs": {ADMINISTRATOR: "any"},
    "place.search": {PUBLIC: "any"},
    "map.see": {PUBLIC: "any"},
    "network.see": dict.fromkeys(STAFF, "any"),
    "network.close": {DISPATCHER: "any", ADMINISTRATOR: "any"},
    "job.see": dict.fromkeys(STAFF, "any"),
    "job.cancel": {DISPATCHER: "any", ADMINISTRATOR: "any"},
    "network.load": {ADMINISTRATOR: "any"},
    "people.manage": {ADMINISTRATOR: "organisation"},
    "organisation.create": {ADMINISTRATOR: "any"},
    "organisation.rename": {ADMINISTRATOR: "organisation"},
    "installation.begin": {PUBLIC: "any"},  # whoever has the set-up code
    "installation.change": {ADMINISTRATOR: "any"},
    "stop.manage": {ADMINISTRATOR: "any"},
    "calendar.load": {ADMINISTRATOR: "any"},
    "fleet.manage": {ADMINISTRATOR: "organisation"},
    "intake.observe": {PUBLIC: "any"},  # devices, by a token of their own
    "intake.sensorthings": {PUBLIC: "any"},  # programs, by a key: each then needs intake.see, or is a device
    "intake.see": {OPERATOR: "any", ADMINISTRATOR: "any"},
    "intake.manage": {ADMINISTRATOR: "any"},
    "notify.choose": {RIDER: "own"},
    "notify.see": {AGENT: "any", ADMINISTRATOR: "any"},
    "notify.resend": {AGENT: "any", ADMINISTRATOR: "any"},
    "notify.report": {PUBLIC: "any"},  # carriers, by a token of their own
    "clock.advance": {PUBLIC: "any"},  # demonstrations only: whoever waits for a van
    "clock.drive": dict.fromkeys((RIDER, DRIVER, *STAFF), "any"),  # simulated clocks only
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the table: ``ok``, and why not, in words."""

    ok: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.ok


def register(rows: Mapping[str, Row]) -> None:
    """Add the rows of a service.

    Raises
    ------
    ValueError
        If a verb is already there with other roles, or a role or scope does not exist.
    """
    for verb, row in rows.items():
        if unknown := set(row) - {PUBLIC, *Role.values}:
            raise ValueError(f"policy {verb}: unknown roles {sorted(unknown)}")
        if wrong := set(row.values()) - {"any", "organisation", "own"}:
            raise ValueError(f"policy {verb}: unknown scopes {sorted(wrong)}")
        if _table.setdefault(verb, dict(row)) != dict(row):
            raise ValueError(f"policy {verb} is declared twice, differently")


def table() -> Mapping[str, Row]:
    """Return the whole table."""
    return _table


def roles(user: Any) -> dict[str, set[int]]:
    """Return the roles a person holds now, each with the organisations it is held in.

    Kept on the user object for the time of a request.
    """
    if user is None or not user.is_authenticated or not user.is_active:
        return {PUBLIC: set()}
    kept: dict[str, set[int]] | None = getattr(user, "_ressort_roles", None)
    if kept is None:
        kept = {PUBLIC: set(), RIDER: set()}
        held = Membership.objects.filter(Q(until=None) | Q(until__gt=wall_now()), user=user)
        for role, organisation in held.values_list("role", "organisation_id"):
            kept.setdefault(role, set()).add(organisation)
        user._ressort_roles = kept  # noqa: SLF001 - ours, on our own model
    return kept


def only_looks(user: Any) -> bool:
    """Tell whether a person is an observer and works at nothing here: what presses is shown, nothing is asked of them."""
    held = roles(user)
    return OBSERVER in held and held.keys().isdisjoint((DRIVER, *STAFF))


def allowed(user: Any, verb: str, obj: Any = None) -> Verdict:  # noqa: PLR0911 - one line per case
    """Say whether a person may do ``verb`` (on ``obj``), and if not, why.

    ``obj`` tells whose it is by ``owner_pid`` and ``organisation_id`` when it has them. Without an object the
    answer is whether the person may do it to at least one.

    Raises
    ------
    LookupError
        If the verb is not in the table: a page or action must name one that is.
    """
    if verb not in _table:
        raise LookupError(f"the verb {verb} is not in the policy table")
    row, held = _table[verb], roles(user)
    near_miss = ""
    for role in row.keys() & held.keys():
        scope = row[role]
        if obj is None or scope == "any":
            return Verdict(ok=True)
        if scope == "own" and getattr(obj, "owner_pid", None) == user.pid:
            return Verdict(ok=True)
        if scope == "organisation" and getattr(obj, "organisation_id", None) in held[role]:
            return Verdict(ok=True)
        near_miss = scope
    if near_miss == "own":
        return Verdict(ok=False, why=_("Ceci appartient à une autre personne."))
    if near_miss == "organisation":
        return Verdict(ok=False, why=_("Ceci relève d'une autre organisation que la vôtre."))
    if held.keys() == {PUBLIC}:
        return Verdict(ok=False, why=_("Connectez-vous pour continuer."))
    names = ", ".join(sorted(Role(role).label.lower() for role in row if role != PUBLIC)) or "personne"
    return Verdict(
        ok=False, why=_("Votre compte ne permet pas cette action (réservée : %(names)s).") % {"names": names}
    )


def authorise(user: Any, verb: str, obj: Any = None) -> None:
    """Raise :class:`Forbidden` unless the person may do ``verb``: the first line of every action."""
    verdict = allowed(user, verb, obj)
    if not verdict:
        raise Forbidden(verdict.why)
