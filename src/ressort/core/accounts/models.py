"""People, organisations and what ties them. Personal data lives here, erasable; events know only ``pid``."""

from __future__ import annotations

import secrets
from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


def person_id() -> str:
    """Return a new pseudonymous id of a person."""
    return f"p_{secrets.token_hex(8)}"


def organisation_id() -> str:
    """Return a new pseudonymous id of an organisation."""
    return f"o_{secrets.token_hex(6)}"


class Role(models.TextChoices):
    """Roles of the policy table, from the least to the most."""

    RIDER = "rider", "Voyageur"
    DRIVER = "driver", "Conducteur"
    AGENT = "agent", "Agent d'accueil"
    DISPATCHER = "dispatcher", "Régulateur"
    ADMINISTRATOR = "administrator", "Administrateur"


class People(BaseUserManager["User"]):
    """Creates users; an e-mail address is compared without case."""

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
    email = models.EmailField("adresse électronique", unique=True)
    name = models.CharField("nom", max_length=120)
    phone = models.CharField("téléphone", max_length=20, blank=True)
    language = models.CharField(max_length=5, default="fr")
    wheelchair = models.BooleanField("voyage en fauteuil roulant", default=False)
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


class Organisation(models.Model):
    """An authority, an operator, an association."""

    pid = models.CharField(max_length=24, unique=True, default=organisation_id)
    name = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=30, default="authority")

    def __str__(self) -> str:
        return self.name


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
