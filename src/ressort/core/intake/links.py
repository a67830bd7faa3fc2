"""How the connection to a broker is: written by the one process that holds it, now and then, and read by pages."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db.models import F
from django.utils.translation import gettext as _

from ressort.core.clock import wall_now
from ressort.core.intake.models import Link

_log = logging.getLogger(__name__)
EVERY = 5.0
"""Seconds between two writes of counts."""
REFUSED = "subscription refused: "
SILENT = timedelta(seconds=45)
"""Without a sign for that long, whoever held the connection is gone."""


class Standing:
    """What the holder of a connection writes of it."""

    def __init__(self, name: str, address: str) -> None:
        self._name, self._address = name, address
        self._counts = [0, 0, 0]
        self._written = float("-inf")
        self.up = False

    def connected(self, but: str = "") -> None:
        """Say that it is up; ``but`` what is wrong all the same."""
        now = wall_now()
        self.up = True
        self._write(up=True, connected=now, error=but[:300])

    def lost(self, why: str) -> None:
        """Say that it is down."""
        self.up = False
        self._write(up=False, error=why[:300])

    def left(self) -> None:
        """Say that it was closed on purpose."""
        self.up = False
        self._write(up=False)

    def took(self, messages: int, kept: int, apart: int) -> None:
        """Count; written a few seconds later."""
        for rank, count in enumerate((messages, kept, apart)):
            self._counts[rank] += count

    def beat(self) -> None:
        """Write what was counted, and that somebody is there, every few seconds."""
        if time.monotonic() - self._written >= EVERY:
            self._write()

    def _write(self, **more: Any) -> None:
        now = wall_now()
        messages, kept, apart = self._counts
        if messages:
            more["heard"] = now
        self._written = time.monotonic()
        try:
            Link.objects.get_or_create(name=self._name, defaults={"address": self._address, "tried": now})
            Link.objects.filter(name=self._name).update(
                address=self._address, tried=now, messages=F("messages") + messages, kept=F("kept") + kept,
                apart=F("apart") + apart, **more,
            )  # fmt: skip
        except (DatabaseError, InterfaceError) as error:  # a state that cannot be shown stops nothing
            _log.warning("mqtt: the state of the connection could not be written: %s", error)
        else:
            self._counts = [0, 0, 0]


@dataclass(frozen=True, slots=True)
class Shown:
    """A connection as a page shows it: ``state`` is ``up``, ``down`` or ``gone``."""

    link: Link
    state: str

    @property
    def trouble(self) -> str:
        """What is wrong, and what to do, in a sentence."""
        error = self.link.error
        if self.state == "gone":
            return _(
                "Aucun processus de Ressort ne tient cette liaison : ce que les capteurs envoient attend chez le "
                "courtier. Relancez Ressort."
            )
        if not error:
            return ""
        if error.startswith(REFUSED):
            words = _(
                "Le courtier refuse l'abonnement à %(topics)s : donnez ce droit au compte de Ressort, ou retirez ces "
                "sujets de RESSORT_MQTT_TOPICS."
            )
            return words % {"topics": error.removeprefix(REFUSED)}
        return _("Dernière erreur : %(why)s. Vérifiez le courtier, le réseau et RESSORT_MQTT_URL.") % {
            "why": error
        }


def shown() -> list[Shown]:
    """Return the connections of this installation."""
    limit = wall_now() - SILENT
    return [
        Shown(one, "gone" if one.tried < limit else "up" if one.up else "down") for one in Link.objects.all()
    ]
