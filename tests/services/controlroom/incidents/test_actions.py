"""Incidents: opened, taken, told, shared, merged, closed; one event each, and a sentence for what cannot be."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal.models import Event
from ressort.services.controlroom.incidents import files, queries
from ressort.services.controlroom.incidents.actions import closing, erasing, handling, opening, sharing
from ressort.services.controlroom.incidents.models import Attachment, Incident, Line
from tests import worlds
from tests.services.controlroom.incidents.conftest import later

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40 + b"IEND\xaeB`\x82"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


def last() -> Event:
    return Event.objects.order_by("-seq").first()


def one_event(kind, deed):
    """Do something, and check that it recorded exactly one event of a kind."""
    before = Event.objects.count()
    made = deed()
    assert Event.objects.count() == before + 1
    assert last().kind == kind
    return made


def test_numbers_follow_one_another_within_a_year(opened):
    assert [opened().number for _ in range(3)] == ["INC-2026-0001", "INC-2026-0002", "INC-2026-0003"]


def test_opening_records_one_event_that_holds_codes_only(oscar):
    draft = opening.Draft(
        "Chute d'arbre, M. Untel blessé", "road", "vital", "3 rue Verte", 5.01, 47.3, "alarm:12"
    )
    made = one_event("controlroom.incident.opened", lambda: opening.open_incident(oscar, draft))
    assert json.loads(last().payload) == {
        "number": made.number, "priority": "vital", "category": "road", "source": "alarm", "source_id": "alarm:12",
    }  # fmt: skip
    assert (made.source, made.source_id, made.state) == ("alarm", "12", "new")
    assert made.take_by == made.opened + timedelta(minutes=2)
    assert list(queries.of_source("alarm", "12")) == [made]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\u202eb"}, "title"),
        ({"category": "ufo"}, "category"),
        ({"priority": "extreme"}, "priority"),
        ({"lon": 900.0, "lat": 1.0}, "where"),
        ({"situation": "s_0"}, "situation"),
        ({"organisation": "o_0"}, "organisation"),
    ],
)
def test_what_cannot_be_opened_is_said_beside_its_field(opened, given, field):
    before = Event.objects.count()
    with pytest.raises(Refused) as refused:
        opened(**given)
    assert refused.value.field == field
    assert Event.objects.count() == before
    assert not Incident.objects.exists()


def test_a_source_of_no_known_shape_is_by_hand():
    assert opening.source_of("alarm:12") == ("alarm", "12")
    for text in ("", "ufo:1", "alarm:", "alarm:<b>", "alarm:" + "1" * 41):
        assert opening.source_of(text) == ("hand", "")


def test_who_may_open_and_who_may_handle(opened, still_clock):
    made = opened(user=worlds.person("agathe"))
    with pytest.raises(Forbidden):
        handling.take(worlds.person("agathe"), made.number)
    for stranger in (AnonymousUser(), worlds.person("rosa"), worlds.person("denis")):
        with pytest.raises(Forbidden):
            opened(user=stranger)


def test_another_organisation_neither_reads_nor_acts(opened, sam):
    made = opened()
    with pytest.raises(Forbidden):
        queries.open_for(sam, made.number)
    with pytest.raises(Forbidden):
        handling.take(sam, made.number)
    assert not queries.visible(sam).exists()


def test_taken_in_charge_once_then_given_back(opened, oscar, odile):
    number = opened().number
    later(minutes=4)
    one_event("controlroom.incident.taken", lambda: handling.take(oscar, number))
    assert json.loads(last().payload)["after_s"] == 240
    with pytest.raises(Refused, match="Oscar"):
        handling.take(odile, number)
    one_event("controlroom.incident.released", lambda: handling.release(oscar, number))
    assert Incident.objects.get().state == "new"
    with pytest.raises(Refused):
        handling.release(oscar, number)


def test_the_priority_moves_both_limits_from_the_same_start(opened, oscar):
    made = opened(priority="normal")
    later(minutes=10)
    before = one_event(
        "controlroom.incident.reprioritised", lambda: handling.prioritise(oscar, made.number, "vital")
    )
    found = Incident.objects.get()
    assert (before, found.take_by, found.solve_by) == (
        "normal", made.opened + timedelta(minutes=2), made.opened + timedelta(hours=1),
    )  # fmt: skip
    with pytest.raises(Refused):
        handling.prioritise(oscar, made.number, "vital")


def test_a_correction_stands_beside_its_line_which_stays(opened, oscar, odile):
    number = opened().number
    wrong = one_event("controlroom.incident.logged", lambda: handling.log(oscar, number, "Deux blessés."))
    later(minutes=3)
    handling.log(odile, number, "Un seul blessé.", corrects=wrong.pk)
    assert [line.text for line in Line.objects.order_by("pk")] == ["Deux blessés.", "Un seul blessé."]
    told = [one for one in queries.history(Incident.objects.get()) if one.line]
    assert [(one.text, [c.text for c in one.corrections]) for one in told] == [
        ("Deux blessés.", ["Un seul blessé."])
    ]
    with pytest.raises(Unknown):
        handling.log(odile, number, "x", corrects=wrong.pk + 99)


def test_a_line_may_be_of_earlier_but_not_of_tomorrow(opened, oscar):
    number, now = opened().number, service_now()
    assert handling.log(oscar, number, "a", at=now - timedelta(hours=2)).at == now - timedelta(hours=2)
    for at in (now + timedelta(hours=1), now - timedelta(days=2)):
        with pytest.raises(Refused):
            handling.log(oscar, number, "b", at=at)


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001, "a\x00b", "a\u202eb"])
def test_lines_that_cannot_be_read_are_refused(opened, oscar, text):
    number = opened().number
    with pytest.raises(Refused):
        handling.log(oscar, number, text)


def test_tasks_are_done_undone_dropped(opened, oscar):
    number = opened().number
    task = one_event(
        "controlroom.task.added", lambda: handling.add_task(oscar, number, "Baliser", "Équipe 2")
    )
    one_event("controlroom.task.done", lambda: handling.mark_task(oscar, number, task.pk, "done"))
    with pytest.raises(Refused):
        handling.mark_task(oscar, number, task.pk, "done")
    one_event("controlroom.task.undone", lambda: handling.mark_task(oscar, number, task.pk, "undone"))
    one_event("controlroom.task.dropped", lambda: handling.mark_task(oscar, number, task.pk, "dropped"))
    with pytest.raises(Unknown):
        handling.mark_task(oscar, opened().number, task.pk, "done")


def test_closing_waits_for_tasks_and_wants_a_report(opened, oscar):
    number = opened().number
    task = handling.add_task(oscar, number, "Baliser")
    with pytest.raises(Refused, match="à faire"):
        closing.close(oscar, number, "solved", "Fait.")
    handling.mark_task(oscar, number, task.pk, "done")
    with pytest.raises(Refused) as refused:
        closing.close(oscar, number, "solved", " ")
    assert refused.value.field == "report"
    with pytest.raises(Refused) as refused:
        closing.close(oscar, number, "magic", "Fait.")
    assert refused.value.field == "outcome"
    one_event("controlroom.incident.closed", lambda: closing.close(oscar, number, "solved", "Arbre retiré."))
    with pytest.raises(Refused, match="rouvrez"):
        handling.take(oscar, number)
    handling.log(oscar, number, "Rappel du riverain.")  # the log never closes
    later(hours=3)
    one_event("controlroom.incident.reopened", lambda: closing.reopen(oscar, number))
    found = Incident.objects.get()
    assert (found.state, found.report, found.counted) == ("new", "Arbre retiré.", service_now())


def test_merged_then_taken_back(opened, oscar):
    one, other = opened(), opened(title="Route coupée")
    handling.take(oscar, one.number)
    handling.log(oscar, one.number, "Vu sur place.")
    one_event("controlroom.incident.merged", lambda: closing.merge(oscar, one.number, other.number.lower()))
    assert any(h.text == "Vu sur place." and h.of == one.number for h in queries.history(other))
    with pytest.raises(Refused):
        handling.release(oscar, one.number)
    one_event("controlroom.incident.unmerged", lambda: closing.unmerge(oscar, one.number))
    assert Incident.objects.get(pk=one.pk).state == "taken"


def test_what_cannot_be_merged(opened, oscar, sam):
    mine, theirs = opened(), opened(user=sam)
    for into in (mine.number, theirs.number, "INC-2026-9999", ""):
        with pytest.raises(Refused) as refused:
            closing.merge(oscar, mine.number, into)
        assert refused.value.field == "into"


def test_a_partner_reads_along_until_the_day_said(opened, oscar, sam, rescue):
    number = opened().number
    row = one_event(
        "controlroom.incident.involved", lambda: sharing.involve(oscar, number, "secours de valmont")
    )
    assert row.organisation == rescue
    today = service_now().date()
    one_event("controlroom.incident.shared", lambda: sharing.share(oscar, number, row.pk, today))
    access = queries.open_for(sam, number)
    assert (access.handle, access.shared) == (False, True)
    assert [one.number for one in queries.shared(sam)] == [number]
    with pytest.raises(Forbidden):
        handling.log(sam, number, "x")
    later(days=1)
    with pytest.raises(Forbidden):
        queries.open_for(sam, number)
    assert not queries.shared(sam).exists()


def test_sharing_stops_at_once(opened, oscar, sam, rescue):
    number = opened().number
    row = sharing.involve(oscar, number, rescue.name)
    sharing.share(oscar, number, row.pk, service_now().date() + timedelta(days=3))
    one_event("controlroom.incident.unshared", lambda: sharing.unshare(oscar, number, row.pk))
    with pytest.raises(Forbidden):
        queries.open_for(sam, number)


def test_who_has_no_account_cannot_be_given_to_read(opened, oscar):
    number, today = opened().number, service_now().date()
    row = sharing.involve(oscar, number, "Enedis")
    with pytest.raises(Refused, match="Enedis"):
        sharing.share(oscar, number, row.pk, today)
    for name in ("enedis", "Valmont Mobilités", "", "x" * 121):
        with pytest.raises(Refused):
            sharing.involve(oscar, number, name)
    one_event("controlroom.incident.uninvolved", lambda: sharing.dismiss(oscar, number, row.pk))


def test_a_share_has_bounds(opened, oscar, rescue):
    number, today = opened().number, service_now().date()
    row = sharing.involve(oscar, number, rescue.name)
    for until in (today - timedelta(days=1), today + timedelta(days=91)):
        with pytest.raises(Refused):
            sharing.share(oscar, number, row.pk, until)


@pytest.mark.parametrize(("data", "mime"), [(PNG, "image/png"), (PDF, "application/pdf")])
def test_a_file_is_what_its_bytes_say(opened, oscar, data, mime):
    number = opened().number
    made = one_event(
        "controlroom.file.joined", lambda: sharing.join(oscar, number, "../../etc/pass\u202ewd<b>.exe", data)
    )
    assert made.mime == mime
    assert made.name.endswith({"image/png": ".png", "application/pdf": ".pdf"}[mime])
    assert not set(made.name) & set("/\\<>\u202e")
    assert files.path(made.digest).read_bytes() == data


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg onload=alert(1)>", b"MZ\x90", b"\xff\xd8\xff cut", b"%PDF- cut", b"x" * (files.MOST + 1)],
)
def test_other_files_are_refused_with_a_sentence(opened, oscar, data):
    with pytest.raises(Refused) as refused:
        sharing.join(oscar, opened().number, "photo.png", data)
    assert refused.value.field == "file"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "a" * 300, "CON.png", "x\ny.png", "日本.png", "..\\..\\x"]
)
def test_names_are_only_names(name):
    safe = files.safe_name(name, "image/png")
    assert safe.endswith(".png")
    assert len(safe) <= 90
    assert safe.isprintable()
    assert not set(safe) & set("/\\:")


def test_a_file_is_taken_away_and_put_back(opened, oscar):
    number = opened().number
    made = sharing.join(oscar, number, "a.png", PNG)
    one_event("controlroom.file.removed", lambda: sharing.mark_file(oscar, number, made.pk, removed=True))
    one_event("controlroom.file.restored", lambda: sharing.mark_file(oscar, number, made.pk, removed=False))
    with pytest.raises(Refused):
        sharing.mark_file(oscar, number, made.pk, removed=False)


def test_what_is_over_is_forgotten_with_its_files(opened, oscar):
    one, other = opened(), opened()
    for number in (one.number, other.number):
        sharing.join(oscar, number, "a.png", PNG)
    handling.log(oscar, one.number, "Monsieur Untel")
    path = files.path(Attachment.objects.first().digest)
    erasing.forget_incidents([one])
    assert path.exists()  # the other incident still holds it
    erasing.forget_incidents([other])
    assert not path.exists()
    assert not Line.objects.exists()
    assert Incident.objects.get(pk=one.pk).title == ""


def test_an_operator_who_leaves_is_gone_from_what_they_wrote(opened, oscar):
    number = opened().number
    handling.log(oscar, number, "Vu.")
    handling.add_task(oscar, number, "Baliser", "Oscar Martin")
    erasing.erase(oscar.pid)
    assert not Incident.objects.get().todos.exclude(who="").exists()
    oscar.delete()
    assert [one.who for one in queries.history(Incident.objects.get()) if one.line] == ["compte effacé"]


def test_tasks_and_files_of_what_was_merged_are_handled_on_its_successor_and_come_back(oscar, opened):
    one, two, three = opened(), opened(title="Le même arbre"), opened(title="Encore le même")
    task = handling.add_task(oscar, one.number, "Tronçonner")
    file = sharing.join(oscar, one.number, "arbre.png", PNG)
    closing.merge(oscar, one.number, two.number)
    closing.merge(oscar, two.number, three.number)
    with pytest.raises(Refused, match="encore à faire"):
        closing.close(oscar, three.number, "solved", "Fait")
    handling.mark_task(oscar, three.number, task.pk, "done")
    sharing.mark_file(oscar, three.number, file.pk, removed=True)
    assert {one.of for one in queries.history(three)} == {"", one.number, two.number}
    closing.unmerge(oscar, two.number)
    closing.unmerge(oscar, one.number)
    assert [row.done is not None for row in Incident.objects.get(pk=one.pk).todos.all()] == [True]
    with pytest.raises(Unknown):
        handling.mark_task(oscar, three.number, task.pk, "undone")
