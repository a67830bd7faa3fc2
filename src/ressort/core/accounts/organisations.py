"""Verbs on organisations."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ressort.core.accounts.models import Membership, Organisation, Role
from ressort.core.accounts.people import Within
from ressort.core.accounts.policy import authorise
from ressort.core.errors import Refused, Unknown
from ressort.core.journal import declare, record

KINDS = {
    "authority": gettext_lazy("Collectivité"),
    "operator": gettext_lazy("Exploitant"),
    "association": gettext_lazy("Association"),
}

declare("organisation.created", "Une organisation a été créée.", "organisation_kind")
declare("organisation.renamed", "Une organisation a changé de nom.")


def clean_name(text: str, *, but: int | None = None) -> str:
    """Return the name of an organisation, which no other bears."""
    name = " ".join(text.split())
    if not name or len(name) > 160 or not name.isprintable():
        raise Refused(
            "bad-name", _("Écrivez le nom de l'organisation, en 160 caractères au plus."), field="name"
        )
    if Organisation.objects.filter(name__iexact=name).exclude(pk=but or 0).exists():
        raise Refused(
            "name-taken",
            _("Une organisation s'appelle déjà « %(name)s ».") % {"name": name},
            status=409,
            field="name",
        )
    return name


def create(user: Any, name: str, kind: str = "authority") -> Organisation:
    """Create an organisation, with its creator as first administrator."""
    authorise(user, "organisation.create")
    if kind not in KINDS:
        raise Refused("bad-kind", _("Choisissez une nature de la liste."), field="kind")
    with transaction.atomic():
        made = Organisation.objects.create(name=clean_name(name), kind=kind)
        Membership.objects.create(user=user, organisation=made, role=Role.ADMINISTRATOR)
        record("organisation.created", actor=user.pid, subject=made.pid, payload={"organisation_kind": kind})
    return made


def rename(user: Any, pid: str, name: str) -> Organisation:
    """Give an organisation another name."""
    found = Organisation.objects.filter(pid=pid).first()
    if found is None:
        raise Unknown("organisation", _("Cette organisation n'existe pas."))
    authorise(user, "organisation.rename", Within(found.pk))
    name = clean_name(name, but=found.pk)
    if name != found.name:
        with transaction.atomic():
            found.name = name
            found.save(update_fields=["name"])
            record("organisation.renamed", actor=user.pid, subject=found.pid)
    return found
