"""Playbooks: a draft is written, read back, published; a published version is never edited, the next replaces it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from ressort.core.accounts.policy import authorise
from ressort.core.clock import service_now
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import record
from ressort.engines import procedures
from ressort.services.controlroom.incidents import faults
from ressort.services.controlroom.incidents.actions import holding
from ressort.services.controlroom.incidents.models import Incident
from ressort.services.controlroom.incidents.playbook_models import Playbook
from ressort.services.controlroom.incidents.situation_models import Situation

WRITE = "controlroom.playbook.write"
TEXT = 20_000
"""Characters of a procedure, at most."""


def find(pk: int) -> Playbook:
    """Return a version of a playbook."""
    found = Playbook.objects.select_related("organisation").filter(pk=pk).first()
    if found is None:
        raise Unknown("playbook", _("Cette procédure n'existe pas."))
    return found


def _tell(kind: str, user: Any, playbook: Playbook, **payload: Any) -> None:
    record(kind, actor=user.pid, subject=f"pb_{playbook.pk}", payload=payload)


def draft(user: Any, name: str, organisation: str = "") -> Playbook:
    """Begin a playbook."""
    home = holding.home(user, WRITE, organisation)
    words = holding.line(name, 80, field="name", what=_("Nom"))
    with transaction.atomic():
        if Playbook.objects.filter(organisation=home, name__iexact=words).exists():
            raise Refused(
                "name-taken",
                _("Une procédure s'appelle déjà « %(name)s » : préparez sa version suivante.")
                % {"name": words},
                status=409,
                field="name",
            )
        made = Playbook.objects.create(name=words, organisation_id=home)
        _tell("controlroom.playbook.drafted", user, made, version=1)
    return made


def _own(user: Any, pk: int, *states: str, sentence: str) -> Playbook:
    found = Playbook.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise Unknown("playbook", _("Cette procédure n'existe pas."))
    authorise(user, WRITE, found)
    if found.state not in states:
        raise Refused("wrong-state", sentence, status=409)
    return found


def change(
    user: Any, pk: int, *, text: str, purpose: str = "", category: str = "", situation: str = ""
) -> Playbook:
    """Write a draft; it is kept with its faults, which are told, and stops nobody from going on."""
    with transaction.atomic():
        found = _own(
            user,
            pk,
            Playbook.State.DRAFT,
            sentence=_("Une version publiée ne se modifie pas : préparez la suivante."),
        )
        words = holding.paragraph(text, TEXT, field="text", what=_("Étapes"), required=False)
        found.text = words
        found.purpose = holding.line(
            purpose, 200, field="purpose", what=_("À quoi elle sert"), required=False
        )
        if category:
            holding.among(
                category,
                Incident.Category,
                field="category",
                sentence=_("Choisissez une catégorie de la liste."),
            )
        if situation:
            holding.among(
                situation,
                Situation.Kind,
                field="situation",
                sentence=_("Choisissez une situation de la liste."),
            )
        found.category, found.situation = category, situation
        found.save(update_fields=["text", "purpose", "category", "situation"])
        read = procedures.read(words)
        _tell("controlroom.playbook.changed", user, found, steps=len(read.steps), faults=len(read.faults))
    return found


def publish(user: Any, pk: int) -> Playbook:
    """Publish a draft: it may be run from now on, and replaces the version before.

    Raises
    ------
    Refused
        If anything is wrong in it, with the first line concerned.
    """
    with transaction.atomic():
        found = _own(user, pk, Playbook.State.DRAFT, sentence=_("Seul un brouillon se publie."))
        read = procedures.read(found.text)
        if read.faults:
            first = read.faults[0]
            raise Refused(
                "faults",
                _("À corriger avant de publier, ligne %(line)d : %(fault)s")
                % {"line": first.line, "fault": faults.said(first)},
                field="text",
            )
        before = Playbook.objects.filter(
            organisation=found.organisation_id, name=found.name, state=Playbook.State.PUBLISHED
        )
        replaced = list(before.values_list("version", flat=True))
        before.update(state=Playbook.State.REPLACED)
        found.state, found.published = Playbook.State.PUBLISHED, service_now()
        found.save(update_fields=["state", "published"])
        payload = {"version": found.version, "steps": len(read.steps)}
        if replaced:
            payload["replaces"] = replaced[0]
        _tell("controlroom.playbook.published", user, found, **payload)
    return found


def withdraw(user: Any, pk: int) -> Playbook:
    """Withdraw the version in force: nothing new is run with it; what runs goes on."""
    with transaction.atomic():
        found = _own(user, pk, Playbook.State.PUBLISHED, sentence=_("Seule la version en vigueur se retire."))
        found.state = Playbook.State.WITHDRAWN
        found.save(update_fields=["state"])
        _tell("controlroom.playbook.withdrawn", user, found, version=found.version)
    return found


def next_version(user: Any, pk: int) -> Playbook:
    """Copy a version as the draft of the next one."""
    with transaction.atomic():
        source = find(pk)
        authorise(user, WRITE, source)
        family = Playbook.objects.filter(organisation=source.organisation_id, name=source.name)
        if waiting := family.filter(state=Playbook.State.DRAFT).first():
            raise Refused(
                "draft-waits",
                _("La version %(version)d est déjà en préparation : poursuivez-la.")
                % {"version": waiting.version},
                status=409,
            )
        last = family.aggregate(n=Max("version"))["n"]
        made = Playbook.objects.create(
            name=source.name,
            version=last + 1,
            organisation_id=source.organisation_id,
            category=source.category,
            situation=source.situation,
            purpose=source.purpose,
            text=source.text,
        )
        _tell("controlroom.playbook.drafted", user, made, version=made.version)
    return made


def discard(user: Any, pk: int) -> None:
    """Throw a draft away."""
    with transaction.atomic():
        found = _own(user, pk, Playbook.State.DRAFT, sentence=_("Seul un brouillon s'abandonne."))
        _tell("controlroom.playbook.discarded", user, found, version=found.version)
        found.delete()
