"""Triggers by which the database itself refuses to change the past.

They are installed again after every migration (Django's table rebuild on SQLite drops them) and their presence
is part of ``ressort check journal``.
"""

from __future__ import annotations

from typing import Any

_TABLE = "journal_event"

_SQLITE = {
    "journal_no_update": (
        f"CREATE TRIGGER journal_no_update BEFORE UPDATE ON {_TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no update'); END"
    ),
    "journal_no_delete": (
        f"CREATE TRIGGER journal_no_delete BEFORE DELETE ON {_TABLE} "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only: no delete'); END"
    ),
    # INSERT OR REPLACE would delete the old row first: refuse any number or id already there.
    "journal_no_replace": (
        f"CREATE TRIGGER journal_no_replace BEFORE INSERT ON {_TABLE} "  # noqa: S608 - the name is ours
        f"WHEN EXISTS (SELECT 1 FROM {_TABLE} WHERE seq = NEW.seq OR id = NEW.id) "
        "BEGIN SELECT RAISE(ABORT, 'the journal is append-only: this event exists'); END"
    ),
}

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION journal_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the journal is append-only: no %', lower(TG_OP); END $$
"""
_POSTGRESQL = {
    "journal_no_change": (
        f"CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON {_TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION journal_refuse()"
    ),
    "journal_no_truncate": (
        f"CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON {_TABLE} "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_refuse()"
    ),
}


def _wanted(connection: Any) -> dict[str, str]:
    return _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL


def _present(connection: Any) -> set[str]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        if connection.vendor == "sqlite"
        else "SELECT tgname, '' FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled <> 'D'"
    )
    wanted = _wanted(connection)
    with connection.cursor() as cursor:
        cursor.execute(query, [_TABLE])
        return {name for name, sql in cursor.fetchall() if name in wanted and sql in {"", wanted[name]}}


def missing(connection: Any) -> list[str]:
    """Return the names of protections that are not there, or were altered."""
    lost = sorted(set(_wanted(connection)) - _present(connection))
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA recursive_triggers")
            if cursor.fetchone() != (1,):
                lost.append("recursive_triggers")
    return lost


def remove(connection: Any) -> None:
    """Take the protections off: only for the test runner, which empties tables."""
    with connection.cursor() as cursor:
        for name in _wanted(connection):
            suffix = "" if connection.vendor == "sqlite" else f" ON {_TABLE}"
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{suffix}")


def install(connection: Any) -> None:
    """Put the protections in place, whatever was there before."""
    if _TABLE not in connection.introspection.table_names():
        return
    remove(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for statement in _wanted(connection).values():
            cursor.execute(statement)


def after_migrate(using: str, **_: Any) -> None:
    """Install again after every migration (receiver of ``post_migrate``)."""
    from django.db import connections

    install(connections[using])
