"""A batch of messages becomes observations: one transaction, through the one path."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, transaction

from ressort.core.clock import wall_now
from ressort.core.intake import catalogue, messages, quarantine
from ressort.core.intake.messages import Message, Said
from ressort.core.intake.observing import observe
from ressort.core.intake.readings import Unfit

_log = logging.getLogger(__name__)
_AGAIN = {"unknown-device", "undecoded"}


def keep(batch: Sequence[Message]) -> tuple[int, int]:
    """Keep what messages say, and return how many observations were new and how many were put apart.

    A message that nothing foresaw is put apart by itself and never stops the others; only what the database cannot do
    is raised.

    Raises
    ------
    DatabaseError, InterfaceError
        Nothing was kept.
    """
    try:
        return _keep(batch)
    except (DatabaseError, InterfaceError):
        if len(batch) == 1:
            raise
    except Exception:
        _log.exception("mqtt: a batch of %d messages stumbled; taken one by one", len(batch))
    taken = apart = 0
    for one in batch:
        try:
            found = _keep([one])
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            _log.exception("mqtt: a message stumbled: %s", one.topic[:200])
            found = _apart(one)
        taken, apart = taken + found[0], apart + found[1]
    return taken, apart


def _keep(batch: Sequence[Message]) -> tuple[int, int]:
    said = _read(batch)
    with transaction.atomic():
        outcome = observe(said.items, wall=True)
        if said.faults:
            quarantine.put(said.faults, wall_now(), wall=True)
    return outcome.accepted, len(outcome.faults) + len(said.faults)


def _read(batch: Sequence[Message]) -> Said:
    radio, whole, tried = catalogue.radio(), Said(), False
    for one in batch:
        said = messages.read(one, radio)
        if not tried and any(unfit.reason in _AGAIN for unfit, _ in said.faults):
            tried = True  # enrolled a moment ago by another process?
            radio = catalogue.radio(missing=True)
            said = messages.read(one, radio)
        whole.items += said.items
        whole.faults += said.faults
    return whole


def _apart(message: Message) -> tuple[int, int]:
    with transaction.atomic():
        quarantine.put([(Unfit("malformed"), {"topic": message.topic[:200]})], wall_now(), wall=True)
    return 0, 1
