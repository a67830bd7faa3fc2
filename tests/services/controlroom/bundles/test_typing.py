"""What was written on a sheet is typed once: as a new incident, or as a line of one; then told to whoever comes second."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused, Unknown
from ressort.core.journal.models import Event
from ressort.services.controlroom.bundles import making, queries, typing_back
from ressort.services.controlroom.bundles.models import PaperSheet
from ressort.services.controlroom.bundles.typing_back import Written
from ressort.services.controlroom.incidents.actions import situations
from ressort.services.controlroom.incidents.models import Incident, Line
from tests.services.controlroom.incidents.conftest import later

pytestmark = pytest.mark.django_db
NEW = {
    "what": "incident",
    "text": "Cave inondée",
    "title": "Cave inondée",
    "category": "water",
    "priority": "high",
}


@pytest.fixture
def sheet(flood, oscar):
    making.ask(oscar, flood.pid)
    later(hours=2)
    return PaperSheet.objects.get(place=1)


def written(**more):
    return Written(**{**NEW, "at": service_now() - timedelta(hours=1), **more})


def test_a_new_incident_belongs_to_the_situation_and_keeps_the_hour_of_the_paper(sheet, flood, oscar):
    before = Event.objects.count()
    made = typing_back.type_back(oscar, sheet.code, written())
    assert made.situation == flood
    assert (made.source, made.source_id) == ("paper", sheet.code)
    line = made.lines.get()
    assert line.at == service_now() - timedelta(hours=1)
    assert line.text == f"[Fiche {sheet.code}] Cave inondée"
    assert [one.kind for one in Event.objects.all().order_by("seq")[before:]] == [
        "controlroom.incident.opened"
    ]


def test_a_line_goes_to_the_log_of_its_incident(sheet, oscar, opened):
    number = opened().number
    before = Event.objects.count()
    typing_back.type_back(
        oscar, sheet.code, written(what="line", number=number.lower(), text="Équipe sur place")
    )
    assert Line.objects.get().incident.number == number
    assert [one.kind for one in Event.objects.all().order_by("seq")[before:]] == [
        "controlroom.incident.logged"
    ]


def test_the_second_person_reads_who_typed_it_and_nothing_is_doubled(sheet, oscar, odile):
    typing_back.type_back(oscar, sheet.code, written())
    with pytest.raises(Refused, match="déjà saisie, par Oscar Martin") as refused:
        typing_back.type_back(odile, sheet.code.lower().replace("-", " "), written(text="autre chose"))
    assert refused.value.status == 409
    assert Incident.objects.count() == 1
    assert Line.objects.count() == 1


def test_what_is_refused_leaves_the_sheet_to_be_typed(sheet, oscar):
    for wrong in ({"text": ""}, {"title": ""}, {"what": "poem"}, {"at": service_now() + timedelta(hours=1)},
                  {"at": service_now() - timedelta(days=2)}, {"what": "line", "number": "INC-1999-0001"}):  # fmt: skip
        with pytest.raises(Refused):
            typing_back.type_back(oscar, sheet.code, written(**wrong))
    assert Incident.objects.count() == 0
    typing_back.type_back(oscar, sheet.code, written())
    assert PaperSheet.objects.get(pk=sheet.pk).typed_by == oscar


def test_the_sheet_of_an_exercise_never_writes_into_what_is_real(declare, oscar, opened):
    played = declare(kind="heat", exercise=True)
    making.ask(oscar, played.pid)
    one, other = PaperSheet.objects.filter(bundle__situation=played)[:2]
    real = opened().number
    with pytest.raises(Refused, match="exercice"):
        typing_back.type_back(oscar, one.code, written(what="line", number=real))
    mine = typing_back.type_back(oscar, one.code, written())
    assert mine.exercise
    assert [number for number, _ in queries.told_of(other)] == [mine.number]
    situations.close(oscar, played.pid)
    with pytest.raises(Refused, match="L'exercice est terminé"):
        typing_back.type_back(oscar, other.code, written())


def test_after_the_end_a_real_sheet_still_opens_an_incident(sheet, flood, oscar):
    situations.close(oscar, flood.pid)
    assert typing_back.type_back(oscar, sheet.code, written()).situation is None


def test_nobody_else_types_and_an_unknown_code_is_said(sheet, sam, oscar):
    with pytest.raises(Forbidden):
        typing_back.type_back(sam, sheet.code, written())
    with pytest.raises(Unknown, match="neuf signes"):
        typing_back.type_back(oscar, "AAA-AAA-AAA", written())
