"""People, organisations and what ties them. Personal data lives here, erasable; events know only ``pid``."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from ressort.core.privacy import erase, impersonal, keeps, personal, through
from ressort.core.tables import folded


def person_id() -> str:
    """Return a new pseudonymous id of a person."""
    return f"p_{secrets.token_hex(8)}"


def organisation_id() -> str:
    """Return a new pseudonymous id of an organisation."""
    return f"o_{secrets.token_hex(6)}"


class Role(models.TextChoices):
    """Roles of the policy table, from the least to the most."""

    RIDER = "rider", _("Voyageur")
    OBSERVER = "observer", _("Observateur")
    DRIVER = "driver", _("Conducteur")
    AGENT = "agent", _("Agent d'accueil")
    DISPATCHER = "dispatcher", _("Régulateur")
    OPERATOR = "operator", _("Opérateur")
    ADMINISTRATOR = "administrator", _("Administrateur")


class People(BaseUserManager["User"]):
    """Creates users; an e-mail address is compared without case."""

    def called(self, search: str, among: models.QuerySet[User]) -> list[int]:
        """Return those whose name or address holds some words: databases do not agree on what an accent is."""
        near, plain = folded(search), search.casefold().strip()
        rows = among.values_list("pk", "name", "email")
        return [pk for pk, name, mail in rows if plain in mail.casefold() or (near and near in folded(name))]

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Create a person; without a password only one-time links open the account."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person with an account."""

    pid = models.CharField(max_length=24, unique=True, default=person_id)
    email = models.EmailField(_("adresse électronique"), unique=True)
    name = models.CharField(_("nom"), max_length=120)
    phone = models.CharField(_("téléphone"), max_length=20, blank=True)
    language = models.CharField(max_length=5, default="fr")
    wheelchair = models.BooleanField(_("voyage en fauteuil roulant"), default=False)
    toured = models.CharField(
        max_length=20, choices=Role.choices, blank=True, help_text="role whose guided tour was closed"
    )
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False, help_text="refused off the loopback address")
    created = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[People] = People()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.pid

    def get_short_name(self) -> str:
        """Return the first word of the name, for a greeting."""
        return self.name.split(" ")[0]


personal(
    User,
    title=_("Comptes"),
    people=_("les personnes qui ont ouvert un compte, les agents et les conducteurs"),
    fields={
        "pid": _("identifiant sans visage, seul connu du journal"),
        "email": _("adresse électronique"),
        "name": _("nom"),
        "phone": _("téléphone"),
        "wheelchair": _("besoin d'une place pour fauteuil roulant"),
        "language": _("langue des messages"),
        "toured": _("visite guidée refermée, pour ne plus la proposer"),
        "password": _("empreinte du mot de passe, qui ne permet pas de le retrouver"),
        "last_login": _("date de la dernière connexion"),
        "created": _("date d'ouverture"),
    },
    purpose=_("Vous reconnaître, vous prévenir, retrouver vos demandes"),
    keep=timedelta(days=3 * 365),
    since=Coalesce("last_login", "created"),
    since_words=_("la dernière connexion"),
    clock="wall",
    among={"memberships": None},  # an agent's account ends with their work: an administrator's decision
    end=through(
        "ressort.core.accounts.actions.forget",
        _("le compte est effacé, avec ce que chaque service y rattache"),
    ),
)


class Organisation(models.Model):
    """An authority, an operator, an association."""

    pid = models.CharField(max_length=24, unique=True, default=organisation_id)
    name = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=30, default="authority")

    def __str__(self) -> str:
        return self.name


impersonal(Organisation, "name", why=_("nom d'un organisme"))


class Membership(models.Model):
    """A role of a person in an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role.choices)
    until = models.DateTimeField(null=True, blank=True, help_text="end of a time-limited access")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation", "role"], name="one_membership")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


personal(
    Membership,
    title=_("Rôles"),
    people=_("les agents et les conducteurs"),
    fields={
        "user": _("compte"),
        "organisation": _("organisme"),
        "role": _("rôle"),
        "until": _("fin d'un accès limité"),
    },
    purpose=_("Donner à chacun les droits de son travail, et eux seuls"),
    recipients=_("les administrateurs"),
    end=keeps(_("autant que le compte, ou jusqu'au retrait du rôle")),
)


class Token(models.Model):
    """A secret given to a person; only its digest is kept."""

    class Use(models.TextChoices):
        """What a token opens."""

        LINK = "link", "one-time sign-in"
        API = "api", "program access"

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    use = models.CharField(max_length=10, choices=Use.choices)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)
    label = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return f"{self.use} {self.digest[:8]}"


personal(
    Token,
    title=_("Liens de connexion et accès de programmes"),
    people=_("les personnes qui ont un compte"),
    fields={
        "user": _("compte"),
        "digest": _("empreinte du secret, qui ne permet pas de le retrouver"),
        "label": _("nom donné à l'accès"),
        "used": _("moment où le lien a servi"),
    },
    purpose=_("Vous connecter sans mot de passe, ou laisser un programme agir pour vous"),
    recipients=_("vous seul"),
    keep=timedelta(days=7),
    since="expires",
    since_words=_("la fin de validité"),
    clock="wall",
    end=erase(),
)
personal(
    Session,
    title=_("Visites du site"),
    people=_("les personnes connectées, et celles qui demandent un trajet"),
    fields={
        "session_key": _("numéro du cookie"),
        "session_data": _("compte connecté, et lieux des cinq derniers trajets demandés et non réservés"),
    },
    purpose=_("Rester connecté, et ne pas ressaisir un trajet"),
    recipients=_("personne : seul votre navigateur y donne accès"),
    keep=timedelta(0),
    since="expire_date",
    since_words=_("quatorze jours sans visite"),
    clock="wall",
    end=erase(),
)
