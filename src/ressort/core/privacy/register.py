"""The declarations: personal data of a table, and fields that look personal and are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Model, QuerySet
from django.db.models.expressions import Combinable
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

type Words = str | Promise

PUBLIC_INTEREST = _("Mission d'intérêt public confiée à la collectivité (RGPD, article 6, 1, e)")

ERASED = _("effacé")
AGENTS = _("les agents habilités de la collectivité")


@dataclass(frozen=True, slots=True)
class End:
    """What happens to a row when its time is over; made by :func:`erase`, :func:`blank`, :func:`through`, :func:`keeps`.

    Attributes
    ----------
    code : str
        ``erase`` (the row goes), ``blank`` (some fields are emptied, the rest stays for counting), ``through``
        (a function does it), ``kept`` (nothing: the words say why).
    values : mapping of field -> value
        What ``blank`` writes.
    path : str
        Dotted name of the function of ``through``: it receives a list of rows, inside a transaction.
    """

    code: str
    words: Words
    values: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""


def erase(words: Words = ERASED) -> End:
    """Say that the row is erased."""
    return End("erase", words)


def blank(words: Words, **values: Any) -> End:
    """Say that some fields are emptied; what stays leads to nobody and serves to count."""
    return End("blank", words, values)


def through(path: str, words: Words) -> End:
    """Say that the function named ``path`` does what ``words`` say."""
    return End("through", words, path=path)


def keeps(words: Words) -> End:
    """Say why a row has no end of its own."""
    return End("kept", words)


@dataclass(frozen=True, slots=True)
class Holding:
    """Personal data that a table holds.

    Parameters
    ----------
    title, people : str
        What the rows are, and of whom.
    fields : mapping of field -> words
        Every field that says something of a person, and what it is in plain words.
    purpose, basis : str
        Why it is kept, by what right.
    recipients : str
        Who reads it.
    keep : timedelta, optional
        How long; None: as long as ``end`` says.
    since : str or expression
        The moment from which ``keep`` counts: a field or lookup of the table.
    since_words : str
        The same moment in words: « la fin du trajet ».
    end : End
    clock : str
        ``service`` or ``wall``: which clock ``since`` was read on.
    among : mapping of lookup -> value
        Only rows that match come to an end by the clock.
    """

    model: type[Model]
    title: Words
    people: Words
    fields: Mapping[str, Words]
    purpose: Words
    basis: Words
    recipients: Words
    end: End
    keep: timedelta | None = None
    since: str | Combinable = ""
    since_words: Words = ""
    clock: str = "service"
    among: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Stable name: ``transport.Contact``."""
        return self.model._meta.label  # noqa: SLF001 - Django's documented API

    def rows(self) -> QuerySet[Model]:
        """Return every row, with the moment that counts as ``counted_from``."""
        since = F(self.since) if isinstance(self.since, str) else self.since
        return self.model._default_manager.alias(counted_from=since).filter(**self.among)  # noqa: SLF001


_holdings: dict[str, Holding] = {}
_impersonal: dict[str, dict[str, Words]] = {}


def personal(
    model: type[Model],
    *,
    title: Words,
    people: Words,
    fields: Mapping[str, Words],
    purpose: Words,
    end: End,
    basis: Words = PUBLIC_INTEREST,
    recipients: Words = AGENTS,
    **more: Any,
) -> Holding:
    """Declare the personal data of a table, right after its class. See :class:`Holding` for each word.

    Raises
    ------
    ValueError
        If a field does not exist, a table is declared twice, or a duration has no moment to count from.
    """
    made = Holding(model, title, people, dict(fields), purpose, basis, recipients, end, **more)
    _check_fields(model, [*fields, *end.values])
    if (made.keep is None) != (end.code == "kept") or (made.keep is not None and not made.since):
        raise ValueError(f"privacy {made.label}: a duration needs a moment to count from, and an end")
    if made.label in _holdings:
        raise ValueError(f"privacy {made.label} is declared twice")
    _holdings[made.label] = made
    return made


def impersonal(model: type[Model], *fields: str, why: Words) -> None:
    """Say that fields which could be taken for personal data are not, and why."""
    _check_fields(model, list(fields))
    _impersonal.setdefault(model._meta.label, {}).update(dict.fromkeys(fields, why))  # noqa: SLF001


def _check_fields(model: type[Model], fields: list[str]) -> None:
    known = {one.name for one in model._meta.local_fields}  # noqa: SLF001
    known |= {one.name for one in model._meta.local_many_to_many}  # noqa: SLF001
    if parents := model._meta.get_parent_list():  # noqa: SLF001
        known |= {one.name for parent in parents for one in parent._meta.local_fields}  # noqa: SLF001
    if unknown := set(fields) - known:
        raise ValueError(f"privacy {model._meta.label}: no field {sorted(unknown)}")  # noqa: SLF001


def holdings() -> tuple[Holding, ...]:
    """Return every declaration, in the order of the applications."""
    return tuple(_holdings.values())


def not_personal() -> Mapping[str, Mapping[str, Words]]:
    """Return the fields said not to be personal: table -> field -> why."""
    return _impersonal


def keep_of(holding: Holding) -> timedelta | None:
    """Return how long rows are kept here: what the installation chose (``RESSORT_KEEP``), else what is declared."""
    days = settings.KEEP_DAYS.get(holding.label)
    return holding.keep if holding.keep is None or days is None else timedelta(days=days)
