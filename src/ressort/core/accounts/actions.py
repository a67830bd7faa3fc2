"""Verbs on accounts."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _

from ressort.core.accounts.models import Membership, Organisation, Token, User
from ressort.core.accounts.policy import authorise
from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.journal import declare, record

LINK_LIFE = timedelta(minutes=20)
INVITATION = "invitation"

declare("account.created", "Un compte a été créé.", "origin")
declare("account.changed", "Un compte a été modifié.", "fields")
declare("account.erased", "Un compte a été effacé à la demande de la personne.")
declare("account.link_sent", "Un lien de connexion a été demandé.")
declare("account.link_used", "Un lien de connexion a servi.")
declare("account.toured", "La visite guidée a été refermée ou reprise.", "role", "closed")
declare("account.token_made", "Un accès pour programme a été créé.", "days")


def clean_email(text: str) -> str:
    """Return a valid lower-case address, or refuse with a sentence."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise Refused(
            "bad-email",
            _("Cette adresse électronique n'est pas complète. Exemple : prenom.nom@exemple.fr"),
            field="email",
        ) from None
    return email


def clean_phone(text: str) -> str:
    """Return a phone number as ``+33612345678``, or empty; refuse what is not one."""
    digits = re.sub(r"[\s.\-()/]", "", text)
    if not digits:
        return ""
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if re.fullmatch(r"0[1-9]\d{8}", digits):
        digits = f"+33{digits[1:]}"
    if not re.fullmatch(r"\+[1-9]\d{7,14}", digits):
        raise Refused(
            "bad-phone",
            _("Ce numéro de téléphone n'est pas complet. Exemple : 06 12 34 56 78"),
            field="phone",
        )
    return digits


def clean_name(text: str, *, field: str = "name") -> str:
    """Return a name on one line, 1 to 120 characters, or refuse."""
    name = " ".join(text.split())
    if not name or len(name) > 120 or not name.isprintable():
        raise Refused("bad-name", _("Écrivez votre nom en 120 caractères au plus."), field=field)
    return name


def check_password(password: str) -> None:
    """Refuse a password that is too short or too common."""
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused("weak-password", " ".join(error.messages), field="password") from None


def belongs(user: User) -> bool:
    """Tell whether an account may be used here: a demonstration's is void in a real installation."""
    return settings.DEMO or not user.is_demo


def create(email: str, name: str, *, phone: str = "", password: str = "") -> User:
    """Open an account for oneself. Without a password, one-time links open it."""
    email, name, phone = clean_email(email), clean_name(name), clean_phone(phone)
    if password:
        check_password(password)
    with transaction.atomic():
        if User.objects.filter(email=email).exists():
            raise Refused(
                "email-taken",
                _("Un compte existe déjà avec cette adresse : demandez un lien de connexion."),
                status=409,
                field="email",
            )
        user = User.objects.create_user(email, password or None, name=name, phone=phone)
        record("account.created", actor=user.pid, subject=user.pid, payload={"origin": "portal"})
    return user


def change(user: User, *, name: str, phone: str, wheelchair: bool, language: str) -> User:
    """Correct one's own details."""
    authorise(user, "account.change")
    fields = {"name": clean_name(name), "phone": clean_phone(phone), "wheelchair": wheelchair}
    fields["language"] = language if language in {"fr", "en"} else "fr"
    changed = sorted(key for key, value in fields.items() if getattr(user, key) != value)
    if changed:
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(**fields)
            record("account.changed", actor=user.pid, subject=user.pid, payload={"fields": changed})
        user.refresh_from_db()
    return user


def tour(user: User, role: str, *, closed: bool) -> None:
    """Close the guided tour of a role, which is then no longer proposed, or propose it again."""
    authorise(user, "account.change")
    kept = role if closed else ""
    with transaction.atomic():
        if User.objects.filter(pk=user.pk).exclude(toured=kept).update(toured=kept):
            payload = {"role": role, "closed": closed}
            record("account.toured", actor=user.pid, subject=user.pid, payload=payload)
    user.toured = kept


erasing = Signal()
"""Sent with ``pid`` inside the transaction that erases a person: each service erases what it keeps of them."""


def erase(user: User, *, actor: Any) -> None:
    """Erase a person: the account goes, the chain stays valid because it never knew who it was."""
    if actor.pk != user.pk:
        authorise(actor, "account.erase")
    _erase(user, actor.pid if actor.pk else user.pid)


def _erase(user: User, actor: str) -> None:
    from ressort.core.accounts.people import keep_one_administrator

    sessions = _sessions_of(user)  # read before the lock: there may be many
    with transaction.atomic():
        pid = user.pid
        keep_one_administrator(Membership.objects.filter(user=user))
        erasing.send(sender=User, pid=pid)
        Session.objects.filter(session_key__in=sessions).delete()
        user.delete()
        record("account.erased", actor=actor, subject=pid)


def forget(users: Iterable[User]) -> int:
    """Erase accounts that nobody has used for the declared time, and return how many.

    Each is an erasure of its own, with its event. An account that a program still uses is left as it is.
    """
    idle = [
        user for user in users if not user.tokens.filter(use=Token.Use.API, expires__gt=wall_now()).exists()
    ]
    for user in idle:
        _erase(user, "system:privacy")
    return len(idle)


def _sessions_of(user: User) -> list[str]:
    """Return the keys of a person's sessions, on every device: they hold the places of trips asked for."""
    alive = Session.objects.filter(expire_date__gt=wall_now())
    return [
        session.session_key
        for session in alive.iterator(chunk_size=500)
        if session.get_decoded().get(SESSION_KEY) == str(user.pk)
    ]


def digest(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_in_link(email: str) -> str | None:
    """Make a one-time sign-in secret for an address; None if no account has it (say nothing of it on screen)."""
    user = User.objects.filter(email=clean_email(email), is_active=True).first()
    if user is None or not belongs(user):
        return None
    secret = secrets.token_urlsafe(24)
    with transaction.atomic():
        Token.objects.create(
            digest=digest(secret), user=user, use=Token.Use.LINK, expires=wall_now() + LINK_LIFE
        )
        record("account.link_sent", actor="system:accounts", subject=user.pid)
    return secret


def is_invitation(secret: str) -> bool:
    """Tell whether a one-time secret, not spent yet, is somebody's invitation."""
    return Token.objects.filter(
        digest=digest(secret), use=Token.Use.LINK, used=None, label=INVITATION
    ).exists()


def consume_link(secret: str, password: str = "") -> User:
    """Spend a one-time secret and return its person; with a ``password``, an invited person chooses it so.

    Raises
    ------
    Refused
        If it is unknown, spent or too old, or the password is too weak.
    """
    if password and is_invitation(secret):
        check_password(password)
    else:
        password = ""
    now = wall_now()
    with transaction.atomic():
        spent = Token.objects.filter(
            digest=digest(secret), use=Token.Use.LINK, used=None, expires__gt=now, user__is_active=True
        ).update(used=now)
        if not spent:
            raise Refused(
                "bad-link",
                _("Ce lien a déjà servi ou n'est plus valable : demandez-en un nouveau."),
                status=403,
            )
        user = Token.objects.select_related("user").get(digest=digest(secret)).user
        if not belongs(user):
            raise Refused("demo-account", _("Les comptes de démonstration n'ouvrent rien ici."), status=403)
        if password:
            user.set_password(password)
            user.save(update_fields=["password"])
        record("account.link_used", actor=user.pid, subject=user.pid)
    return user


def make_token(user: User, label: str, days: int = 90) -> str:
    """Make a secret for a program acting as ``user``."""
    secret = f"rst_{secrets.token_urlsafe(30)}"
    with transaction.atomic():
        Token.objects.create(
            digest=digest(secret),
            user=user,
            use=Token.Use.API,
            label=label[:80],
            expires=wall_now() + timedelta(days=days),
        )
        record("account.token_made", actor=user.pid, subject=user.pid, payload={"days": days})
    return secret


def bearer(secret: str) -> User | None:
    """Return the person of a program's secret, or None."""
    token = (
        Token.objects.select_related("user")
        .filter(digest=digest(secret), use=Token.Use.API, expires__gt=wall_now(), user__is_active=True)
        .first()
    )
    return token.user if token and belongs(token.user) else None


def appoint(user: User, organisation: Organisation, role: str) -> Membership:
    """Give a person a role in an organisation (set-up commands and the demo)."""
    return Membership.objects.get_or_create(user=user, organisation=organisation, role=role)[0]
