"""A situation prints itself every hour of its own clock; what is late is made once; failures are said."""

from __future__ import annotations

import stat
import sys
from datetime import timedelta

import pytest

from ressort.core.clock import service_now
from ressort.core.errors import Forbidden, Refused
from ressort.core.jobs.models import Job
from ressort.core.journal.models import Event
from ressort.core.retention import work as retention
from ressort.services.controlroom.bundles import composing, files, making, paper, queries
from ressort.services.controlroom.bundles.models import Bundle, PaperSheet
from ressort.services.controlroom.incidents.actions import handling, situations
from tests.services.controlroom.bundles.conftest import numbers, work
from tests.services.controlroom.incidents.conftest import later

pytestmark = pytest.mark.django_db


def kinds(prefix="controlroom.bundle"):
    return list(Event.objects.filter(kind__startswith=prefix).order_by("seq").values_list("kind", flat=True))


def test_the_first_bundle_is_due_at_once_the_next_an_hour_later(flood):
    assert making.ring() == 1
    assert making.ring() == 0
    later(minutes=59)
    assert making.ring() == 0
    later(minutes=1)
    assert making.ring() == 1
    assert numbers(flood) == [1, 2]


def test_a_server_that_slept_five_hours_prints_one_bundle(flood):
    making.ring()
    later(hours=5)
    assert making.ring() == 1
    assert making.ring() == 0


def test_what_is_asked_by_hand_counts_for_the_hour(flood, oscar):
    making.ring()
    later(minutes=50)
    making.ask(oscar, flood.pid)
    later(minutes=30)
    assert making.ring() == 0
    later(minutes=30)
    assert making.ring() == 1
    assert [one.why for one in Bundle.objects.order_by("number")] == ["rhythm", "hand", "rhythm"]


def test_the_rhythm_is_chosen_and_may_be_never(flood, oscar):
    making.ring()
    assert making.pace(oscar, flood.pid, 30) == 60
    later(minutes=30)
    assert making.ring() == 1
    making.pace(oscar, flood.pid, 0)
    later(days=1)
    assert making.ring() == 0
    assert making.due(flood) is None
    with pytest.raises(Refused, match="déjà son rythme"):
        making.pace(oscar, flood.pid, 0)
    with pytest.raises(Refused, match="liste"):
        making.pace(oscar, flood.pid, 7)


def test_each_deed_is_one_event(flood, oscar):
    making.ask(oscar, flood.pid)
    making.pace(oscar, flood.pid, 120)
    work()
    assert kinds() == ["controlroom.bundle.asked", "controlroom.bundle.paced", "controlroom.bundle.made"]


def test_a_bundle_is_made_once_however_often_its_work_is_done(flood, oscar):
    bundle = making.ask(oscar, flood.pid)
    work()
    bundle.refresh_from_db()
    first = files.path(bundle.file)
    assert first.read_bytes().startswith(b"%PDF-")
    assert bundle.size == first.stat().st_size
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    Job.objects.filter(pid=bundle.job).update(
        state="queued", key=None
    )  # its worker was killed after the last line
    work()
    assert kinds().count("controlroom.bundle.made") == 1
    assert PaperSheet.objects.filter(bundle=bundle).count() == making.SHEETS


def test_work_whose_worker_died_is_taken_up_again(flood, oscar):
    bundle = making.ask(oscar, flood.pid)
    Job.objects.filter(pid=bundle.job).update(
        state="running", worker="dead", lease_until=service_now() - timedelta(days=999)
    )
    assert work() == 1
    bundle.refresh_from_db()
    assert bundle.made is not None


def test_a_failure_is_said_beside_the_bundle(flood, oscar, monkeypatch):
    def broken(_bundle):
        raise RuntimeError("plus d'encre")

    monkeypatch.setattr(composing, "compose", broken)
    making.ask(oscar, flood.pid)
    assert queries.of(flood)[0].state == "bundle.making"
    work()
    (told,) = queries.of(flood)
    assert told.state == "bundle.failed"
    assert "plus d'encre" in told.why


def test_a_closed_situation_prints_no_more(flood, oscar):
    situations.close(oscar, flood.pid)
    assert making.ring() == 0
    with pytest.raises(Refused, match="terminée"):
        making.ask(oscar, flood.pid)


def test_a_second_click_is_not_a_second_bundle(flood, oscar):
    making.ask(oscar, flood.pid)
    with pytest.raises(Refused, match="se prépare déjà"):
        making.ask(oscar, flood.pid)


def test_a_partner_neither_reads_nor_prints(flood, oscar, sam):
    bundle = making.ask(oscar, flood.pid)
    for deed in (lambda: making.ask(sam, flood.pid), lambda: making.find(sam, bundle.pid),
                 lambda: making.pace(sam, flood.pid, 30)):  # fmt: skip
        with pytest.raises(Forbidden):
            deed()


# ------------------------------------------------------------------ what it says


def compose(situation, oscar):
    bundle = making.ask(oscar, situation.pid)
    return composing.compose(Bundle.objects.select_related("situation__organisation").get(pk=bundle.pk))


def test_incidents_stand_by_priority_with_place_and_what_is_left_to_do(flood, oscar, opened):
    opened(title="Branche", priority="low")
    vital = opened(title="Personne isolée", priority="vital", address="3 rue des Tilleuls").number
    handling.add_task(oscar, vital, "Envoyer une barque", "Secours")
    done = handling.add_task(oscar, vital, "Appeler le maire")
    handling.mark_task(oscar, vital, done.pk, "done")
    found = compose(flood, oscar)["incidents"]
    assert [one["title"] for one in found] == ["Personne isolée", "Branche"]
    assert found[0]["place"] == "3 rue des Tilleuls"
    assert found[0]["tasks"] == ["Envoyer une barque (Secours)"]


def test_an_exercise_prints_its_own_incidents_marked_and_the_real_ones_apart(declare, flood, oscar, opened):
    played = declare(kind="heat", exercise=True)
    opened(title="Malaise joué", situation=played.pid)
    opened(title="Vraie cave inondée")
    exercise, real = compose(played, oscar), compose(flood, oscar)
    assert exercise["exercise"] == "EXERCICE"
    assert "EXERCICE" in exercise["title"]
    assert [one["title"] for one in exercise["incidents"]] == ["Malaise joué"]
    assert exercise["incidents"][0]["exercise"] == "EXERCICE"
    assert real["exercise"] == ""
    assert [one["title"] for one in real["incidents"]] == ["Vraie cave inondée"]


def test_every_sheet_leads_back_to_where_it_is_typed(flood, oscar, opened):
    opened()
    found = compose(flood, oscar)["sheets"]
    blanks = [one for one in found if one["kind"] == "blank"]
    assert len(blanks) == making.SHEETS
    assert len({one["code"] for one in blanks}) == making.SHEETS
    assert all(one["link"].endswith(f"/console/fiches/{one['code']}/") for one in blanks)
    assert blanks[0]["number"] == "1-01"


# ------------------------------------------------------------------ the printer


@pytest.fixture
def printer(settings, tmp_path):
    """Return a function that sets the printer's command: a Python program given the file."""

    def make(program):
        settings.PRINT_COMMAND = [sys.executable, "-c", program]

    return make


def test_the_printer_is_given_the_file(flood, oscar, printer, tmp_path):
    printer(f"import sys, shutil; shutil.copy(sys.argv[1], {str(tmp_path / 'paper.pdf')!r})")
    bundle = making.ask(oscar, flood.pid)
    work()
    bundle.refresh_from_db()
    assert bundle.printed == service_now()
    assert (tmp_path / "paper.pdf").read_bytes() == files.path(bundle.file).read_bytes()
    assert kinds()[-1] == "controlroom.bundle.printed"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; print('bourrage papier', file=sys.stderr); sys.exit(3)", "bourrage papier"),
        ("import time; time.sleep(30)", "pas répondu"),
    ],
)
def test_a_printer_that_refuses_or_hangs_is_said_and_the_bundle_stays(
    flood, oscar, printer, monkeypatch, program, said
):
    monkeypatch.setattr(paper, "LONGEST", 1.0)
    printer(program)
    making.ask(oscar, flood.pid)
    work()
    (told,) = queries.of(flood)
    assert told.state == "bundle.ready"
    assert said in told.why
    assert kinds()[-1] == "controlroom.bundle.print_failed"


def test_a_command_that_does_not_exist_is_said(flood, oscar, settings):
    settings.PRINT_COMMAND = ["/nowhere/lp", "-d", "salle"]
    bundle = making.ask(oscar, flood.pid)
    work()
    assert "ne se lance pas" in queries.of(flood)[0].why
    settings.PRINT_COMMAND = [sys.executable, "-c", "pass"]
    making.send(oscar, bundle.pid)  # the printer is mended: sent again
    work()
    (told,) = queries.of(flood)
    assert (told.state, told.why) == ("bundle.printed", "")


def test_without_a_printer_nothing_is_sent(flood, oscar):
    bundle = making.ask(oscar, flood.pid)
    work()
    assert kinds()[-1] == "controlroom.bundle.made"
    with pytest.raises(Refused, match="Aucune imprimante"):
        making.send(oscar, bundle.pid)


# ------------------------------------------------------------------ its end


def test_the_document_is_erased_when_its_time_is_over_and_the_sheets_stay_known(
    flood, oscar, django_capture_on_commit_callbacks
):
    bundle = making.ask(oscar, flood.pid)
    work()
    bundle.refresh_from_db()
    path = files.path(bundle.file)
    later(days=31)
    with django_capture_on_commit_callbacks(execute=True):
        counts = retention.apply()
    assert counts["controlroom.Bundle"] == 1
    assert not path.exists()
    assert PaperSheet.objects.filter(bundle=bundle).count() == making.SHEETS
    assert queries.of(flood)[0].state == "bundle.gone"
    assert retention.look()["controlroom.Bundle"] == 0
