"""The first minutes of an installation: the set-up code, the first administrator, the territory."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ressort.core.accounts import people
from ressort.core.accounts.actions import check_password, clean_email, clean_name
from ressort.core.accounts.models import Membership, Organisation, Role, User
from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.installation import reading
from ressort.core.installation.models import Installation
from ressort.core.journal import declare, record
from ressort.core.territory.loading import load_epci
from ressort.core.territory.models import Territory

BEGUN = declare("installation.begun", "L'installation a son premier administrateur.")
UNNAMED = "Collectivité"
"""Name of the first organisation until its territory is known."""

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing to misread on a terminal


def has_administrator() -> bool:
    """Tell whether somebody can administer the installation."""
    return Membership.objects.filter(role=Role.ADMINISTRATOR, user__is_active=True, until=None).exists()


def new_code() -> str:
    """Make the one-time set-up code (58 bits) and keep its digest; the one before is void.

    Raises
    ------
    Refused
        If an administrator exists already: they sign in instead.
    """
    if has_administrator():
        raise Refused(
            "already-begun", _("Cette installation a déjà un administrateur : connectez-vous."), status=409
        )
    text = "".join(secrets.choice(_ALPHABET) for __ in range(12))
    Installation.objects.update_or_create(id=1, defaults={"code": _digest(text)})
    reading.forget()
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def code_is(typed: str) -> bool:
    """Tell whether a typed code is the set-up code, however it was spaced."""
    kept = Installation.objects.filter(id=1).values_list("code", flat=True).first() or ""
    text = "".join(c for c in typed.upper() if c in _ALPHABET)
    return bool(kept) and hmac.compare_digest(kept, _digest(text))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def administrator(email: str, name: str, password: str = "") -> tuple[User, str]:
    """Create the first administrator and their organisation. Whoever calls has checked the set-up code.

    Returns
    -------
    (User, str)
        The person, and the one-time secret that opens their account when they have no password (else empty).

    Raises
    ------
    Refused
        If a field is wrong, or an administrator exists already.
    """
    email, name = clean_email(email), clean_name(name)
    if password:
        check_password(password)
    with transaction.atomic():
        row = Installation.objects.select_for_update().get_or_create(id=1)[0]
        if has_administrator():
            raise Refused(
                "already-begun",
                _("Cette installation a déjà un administrateur : connectez-vous."),
                status=409,
            )
        user = User.objects.filter(email=email).first() or User(email=email)
        user.name, user.is_active = name, True
        if password or not user.pk:
            user.set_password(password or None)
        user.save()
        territory = Territory.objects.filter(parent=None).values_list("name", flat=True).first()
        home = Organisation.objects.order_by("pk").first() or Organisation.objects.create(
            name=territory or UNNAMED
        )
        Membership.objects.get_or_create(user=user, organisation=home, role=Role.ADMINISTRATOR)
        secret = "" if password else people.invitation(user)
        row.begun, row.code = wall_now(), ""
        row.save(update_fields=["begun", "code"])
        record(BEGUN.name, actor=user.pid, subject=user.pid)
        transaction.on_commit(reading.forget)
    reading.forget()
    return user, secret


def territory(user: Any, siren: str) -> Territory:
    """Load the territory; the first organisation takes its name if nobody named it.

    Raises
    ------
    Refused
        If no intercommunality has this SIREN.
    """
    authorise(user, "installation.change")
    with transaction.atomic():
        made = load_epci(siren, actor=user.pid)
        if not Organisation.objects.filter(name=made.name).exists():
            Organisation.objects.filter(name=UNNAMED).update(name=made.name[:160])
    return made
