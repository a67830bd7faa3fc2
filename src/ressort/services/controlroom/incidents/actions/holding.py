"""What every verb on an incident begins with: find it, ask the policy, lock it; and how words are cleaned."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from ressort.core.accounts import policy
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown, Words
from ressort.services.controlroom.incidents.models import Incident

HANDLE = "controlroom.incident.handle"
_KEPT = {"\n", "\t"}


def find(number: str) -> Incident:
    """Return an incident by its number."""
    found = (
        Incident.objects.select_related("organisation", "situation", "taken_by", "merged_into")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Unknown("incident", _("Cet incident n'existe pas : vérifiez son numéro dans la liste."))
    return found


def hold(user: Any, number: str, verb: str = HANDLE, *, closed: bool = False) -> Incident:
    """Return an incident that this person may handle, locked for the transaction.

    Raises
    ------
    Refused
        If it is closed or merged, unless ``closed`` is accepted.
    """
    found = (
        Incident.objects.select_for_update(of=("self",))
        .select_related("organisation", "situation")
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Unknown("incident", _("Cet incident n'existe pas : vérifiez son numéro dans la liste."))
    authorise(user, verb, found)
    if not found.is_open and not closed:
        raise Refused(
            "incident-closed",
            _("L'incident %(number)s n'est plus ouvert : rouvrez-le d'abord.") % {"number": number},
            status=409,
        )
    return found


def family(incident: Incident) -> dict[int, Incident]:
    """Return an incident with every one merged into it, and into those: what was theirs is handled here."""
    found = {incident.pk: incident}
    level = [incident.pk]
    while level:
        joined = Incident.objects.filter(merged_into__in=level).exclude(pk__in=found)
        found |= {one.pk: one for one in joined}
        level = [one.pk for one in joined]
    return found


def successor(incident: Incident) -> Incident:
    """Return where an incident goes on: itself, or the one that it was merged into, and so on."""
    seen = {incident.pk}
    while incident.merged_into is not None and incident.merged_into_id not in seen:
        incident = incident.merged_into
        seen.add(incident.pk)
    return incident


def home(user: Any, verb: str, pid: str = "") -> int:
    """Return the row of the organisation in whose name somebody acts: the one named, else their first.

    Raises
    ------
    Refused
        If the person may not do ``verb`` in any organisation, or not in that one.
    """
    authorise(user, verb)
    row = policy.table()[verb]
    held = policy.roles(user)
    mine = sorted({one for role in row for one in held.get(role, ())})
    if pid:
        from ressort.core.accounts.models import Organisation

        found = Organisation.objects.filter(pid=pid, pk__in=mine).values_list("pk", flat=True).first()
        if found is None:
            raise Refused("not-yours", _("Choisissez une de vos organisations."), field="organisation")
        return int(found)
    return mine[0]


def line(text: Any, most: int, *, field: str, what: Words, required: bool = True) -> str:
    """Return words on one line, cleaned.

    Raises
    ------
    Refused
        If they are missing, too long, or hold what cannot be read.
    """
    words = " ".join(str(text or "").split())
    if not words and required:
        raise Refused("missing", _("%(what)s : écrivez quelque chose.") % {"what": what}, field=field)
    if len(words) > most or not words.isprintable():
        raise Refused(
            "too-long",
            _("%(what)s : %(most)d caractères au plus, sur une ligne.") % {"what": what, "most": most},
            field=field,
        )
    return words


def paragraph(text: Any, most: int, *, field: str, what: Words, required: bool = True) -> str:
    """Return words on several lines, cleaned; refused as :func:`line` does."""
    words = "\n".join(one.rstrip() for one in str(text or "").replace("\r\n", "\n").split("\n")).strip()
    if not words and required:
        raise Refused("missing", _("%(what)s : écrivez quelque chose.") % {"what": what}, field=field)
    if len(words) > most:
        raise Refused(
            "too-long",
            _("%(what)s : %(most)d caractères au plus ; ce texte en a %(found)d.")
            % {"what": what, "most": most, "found": len(words)},
            field=field,
        )
    if any(not one.isprintable() and one not in _KEPT for one in words):
        raise Refused(
            "unreadable",
            _("%(what)s : ce texte contient des caractères invisibles. Recopiez-le sans eux.")
            % {"what": what},
            field=field,
        )
    return words


def among(value: Any, choices: Any, *, field: str, sentence: Words) -> str:
    """Return one of the values of a choice, or refuse with ``sentence``."""
    if value not in choices.values:
        raise Refused("bad-choice", sentence, field=field)
    return str(value)
