"""Every table says what it holds of people, or that it holds nothing of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

from ressort.core.jobs.models import Job
from ressort.core.privacy import End, erase, holdings, impersonal, keep_of, keeps, not_personal, personal

SUSPECT = {
    "name", "phone", "email", "mail", "address", "note", "label", "text", "sentence", "lon", "lat", "title", "reason",
    "error", "comment", "payload", "actor", "owner", "pid", "by", "wish", "words", "street", "birth",
}  # fmt: skip
FREE = (models.TextField, models.JSONField, models.EmailField, models.BinaryField, models.FileField)
BUILT_IN = {"contenttypes", "auth"}  # tables of permissions that the house does not use
CODES = {  # names of things, written by the house itself
    "journal.Event.kind", "journal.Event.cause", "journal.Event.correlation", "journal.Event.id", "journal.Head.digest",
    "journal.Event.previous", "journal.Event.digest", "fleet.Promise.pid", "fleet.Vehicle.pid", "jobs.Job.pid",
    "accounts.Organisation.pid", "appeals.Appeal.pid", "transport.Demand.pid", "transport.Booking.pid",
    "journal.Cursor.name",
}  # fmt: skip


def suspicious(field: models.Field) -> bool:
    """Tell whether a field could say something of a person: by its name, or because anything can be written in it."""
    if field.is_relation:
        return field.related_model is not None and field.related_model._meta.label == settings.AUTH_USER_MODEL
    if isinstance(field, models.BooleanField):
        return False
    if isinstance(field, FREE):
        return True
    return bool(set(field.name.split("_")) & SUSPECT) and not field.choices


def fields():
    for model in apps.get_models():
        if model._meta.app_label not in BUILT_IN:
            for field in model._meta.concrete_fields:
                yield model._meta.label, field


def test_every_field_that_looks_personal_is_declared_or_said_not_to_be():
    declared = {one.label: set(one.fields) for one in holdings()}
    cleared = not_personal()
    forgotten = [
        f"{label}.{field.name}"
        for label, field in fields()
        if suspicious(field)
        and field.name not in declared.get(label, ())
        and field.name not in cleared.get(label, ())
        and f"{label}.{field.name}" not in CODES
    ]
    assert forgotten == []


def test_the_search_itself_sees_what_it_should():
    by_name = {f"{label}.{field.name}": field for label, field in fields()}
    for known in ("accounts.User.email", "transport.Contact.note", "appeals.Statement.text", "fleet.VehicleState.lon",
                  "fleet.Shift.driver", "transport.Demand.wish", "sessions.Session.session_data"):  # fmt: skip
        assert suspicious(by_name[known]), known


def test_no_field_is_both_personal_and_not():
    for one in holdings():
        assert not set(one.fields) & set(not_personal().get(one.label, ())), one.label


def test_every_declaration_says_why_by_what_right_how_long_and_what_then():
    assert len(holdings()) > 10
    for one in holdings():
        for words in (
            one.title,
            one.people,
            one.purpose,
            one.basis,
            one.recipients,
            one.end.words,
            *one.fields.values(),
        ):
            assert str(words).strip(), one.label
        assert (one.keep is None) == (one.end.code == "kept"), one.label
        if one.keep is not None:
            assert str(one.since_words).strip(), one.label
            str(one.rows().query)  # the moment it counts from is a real lookup


def test_an_installation_may_choose_its_own_durations(settings):
    contact = next(one for one in holdings() if one.label == "transport.Contact")
    assert keep_of(contact) == timedelta(days=90)
    settings.KEEP_DAYS = {"transport.Contact": 30}
    assert keep_of(contact) == timedelta(days=30)


def declare(end: End, **more):
    words = {"title": "t", "people": "p", "purpose": "p"}
    return personal(Job, fields=more.pop("fields", {"error": "e"}), end=end, **words, **more)


@pytest.mark.parametrize(
    ("end", "more", "said"),
    [
        (erase(), {"fields": {"nowhere": "x"}}, "no field"),
        (erase(), {}, "needs a moment"),
        (erase(), {"keep": timedelta(days=1)}, "needs a moment"),
        (keeps("why"), {"keep": timedelta(days=1), "since": "ended"}, "needs a moment"),
        (erase(), {"keep": timedelta(days=1), "since": "ended"}, "twice"),
    ],
)
def test_a_slip_in_a_declaration_stops_the_start(end, more, said):
    with pytest.raises(ValueError, match=said):
        declare(end, **more)


def test_a_field_cleared_by_mistake_stops_the_start():
    with pytest.raises(ValueError, match="no field"):
        impersonal(Job, "nowhere", why="x")


@pytest.mark.parametrize("text", ["transport.Contact", "transport.Contact=-1", "transport.Contact=soon"])
def test_a_duration_badly_written_is_a_sentence(text):
    from django.core.exceptions import ImproperlyConfigured

    from ressort.config.settings import _days

    assert _days("a.B=30, c.D=7") == {"a.B": 30, "c.D": 7}
    with pytest.raises(ImproperlyConfigured, match="RESSORT_KEEP"):
        _days(text)
