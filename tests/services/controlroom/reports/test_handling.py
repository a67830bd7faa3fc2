"""What agents do with reports: states, rights, messages to those who follow, erasure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core import clock
from ressort.core.accounts.models import Membership
from ressort.core.errors import Forbidden, Refused
from ressort.core.journal.models import Event
from ressort.core.notify.models import Message
from ressort.core.retention import work
from ressort.services.controlroom.reports import exporting, queries
from ressort.services.controlroom.reports.actions import erasing, handling, making, writing
from ressort.services.controlroom.reports.models import Follower, Report, ReportPhoto, ReportWords
from ressort.services.controlroom.reports.queries import Wanted
from ressort.services.controlroom.reports.seen import Reach
from tests import worlds
from tests.services.controlroom.reports.conftest import files, here, make, picture

pytestmark = pytest.mark.django_db
NOBODY = AnonymousUser()


def tell():
    """Read the journal as the reaction does."""
    for event in Event.objects.filter(kind__startswith="controlroom.report.").order_by("seq"):
        writing.react(event)
    return list(Message.objects.order_by("pk"))


def last():
    return Event.objects.order_by("-seq").first()


def test_a_report_lives_from_received_to_done(town):
    pid = make().report.pid
    assert handling.take(town.oscar, pid).state == "taken"
    assert handling.plan(town.oscar, pid, date(2026, 9, 20), "Avec l'équipe du secteur.").planned_for
    done = handling.finish(town.oscar, pid)
    assert (done.state, done.closed) == ("done", worlds.TUESDAY)
    assert [step.deed for step in done.steps.all()] == ["received", "taken", "planned", "done"]
    kinds = list(Event.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds[-4:] == [f"controlroom.report.{deed}" for deed in ("received", "taken", "planned", "done")]


@pytest.mark.parametrize(
    "deed",
    [
        handling.take,
        lambda user, pid: handling.plan(user, pid, date(2026, 9, 20)),
        lambda user, pid: handling.refuse(user, pid, "private"),
        lambda user, pid: handling.hand(user, pid, "o_eau"),
    ],
)
def test_what_is_closed_refuses_further_deeds(town, deed):
    pid = make().report.pid
    handling.finish(town.oscar, pid)
    count = Event.objects.count()
    with pytest.raises(Refused, match="Rechargez la page") as refused:
        deed(town.oscar, pid)
    assert refused.value.status == 409
    assert Event.objects.count() == count


def test_reopening_takes_a_closing_back(town):
    pid = make().report.pid
    handling.refuse(town.oscar, pid, "private", "C'est la cour de l'immeuble.")
    found = handling.reopen(town.oscar, pid)
    assert (found.state, found.reason, found.closed) == ("taken", "", None)


@pytest.mark.parametrize("day", [None, date(2026, 9, 14), date(2030, 1, 1)])
def test_a_day_in_the_past_or_too_far_is_refused(town, day):
    with pytest.raises(Refused, match="jour prévu"):
        handling.plan(town.oscar, make().report.pid, day)


def test_a_refusal_needs_a_reason(town):
    with pytest.raises(Refused, match="pas de suite"):
        handling.refuse(town.oscar, make().report.pid, "because")


def test_only_the_organisation_that_answers_may_act(town):
    leak = make(category="eau").report
    with pytest.raises(Forbidden, match="autre organisation"):
        handling.take(town.oscar, leak.pid)
    with pytest.raises(Forbidden):
        handling.take(worlds.person("diane"), leak.pid)
    assert handling.take(worlds.person("adele"), leak.pid).state == "taken"


def test_handing_over_gives_the_hand_too(town):
    pid = make().report.pid
    handling.take(town.oscar, pid)
    found = handling.hand(town.oscar, pid, "o_eau", "C'est une canalisation.")
    assert (found.organisation, found.state) == (town.water, "received")
    with pytest.raises(Forbidden):
        handling.take(town.oscar, pid)
    Membership.objects.create(user=worlds.person("rosa"), organisation=town.water, role="operator")
    assert handling.take(worlds.person("rosa"), pid).state == "taken"
    for wrong in ("o_nulle", "o_eau"):
        with pytest.raises(Refused):
            handling.hand(worlds.person("rosa"), pid, wrong)


def test_merging_brings_followers_together_and_undoing_parts_them(town):
    one, two = make(email="eve@exemple.fr"), make(email="luc@exemple.fr")
    handling.merge(town.oscar, two.report.pid, one.report.pid)
    assert making.find(one.report.pid).supporters == 2
    assert {f.email for f in writing.followers_of(one.report)} == {"eve@exemple.fr", "luc@exemple.fr"}
    handling.reopen(town.oscar, two.report.pid)
    assert making.find(one.report.pid).supporters == 1
    assert len(writing.followers_of(one.report)) == 1


def test_a_report_joins_neither_itself_nor_what_is_closed(town):
    one, two = make().report, make().report
    for into in (one.pid, "r_nulle", ""):
        with pytest.raises(Refused) as refused:
            handling.merge(town.oscar, one.pid, into)
        assert refused.value.field == "into"
    handling.finish(town.oscar, two.pid)
    with pytest.raises(Refused, match="rouvrez-le"):
        handling.merge(town.oscar, one.pid, two.pid)


def test_two_reports_cannot_be_joined_in_a_ring(town):
    one, two = make().report, make().report
    handling.merge(town.oscar, one.pid, two.pid)
    with pytest.raises(Refused, match="clos"):
        handling.merge(town.oscar, two.pid, one.pid)
    assert making.find(two.pid).is_open


def test_correcting_the_category_counts_the_delay_again(town):
    found = handling.sort(town.oscar, make().report.pid, "eau")
    assert found.due == worlds.TUESDAY + timedelta(days=2)
    with pytest.raises(Refused):
        handling.sort(town.oscar, found.pid, "eau")


def test_the_list_puts_first_what_is_due_first(town, still_clock):
    slow, quick = make().report, make(category="eau").report
    assert [one.pid for one in queries.listed(Wanted())] == [quick.pid, slow.pid]
    assert [one.pid for one in queries.listed(Wanted(mine=True), town.oscar)] == [slow.pid]
    clock.simulate(still_clock + timedelta(days=3), rate=0)
    assert [one.pid for one in queries.listed(Wanted(late=True))] == [quick.pid]
    assert queries.look_of(quick) == "controlroom.late"
    handling.finish(town.oscar, slow.pid)
    assert [one.pid for one in queries.listed(Wanted(state="closed"))] == [slow.pid]
    assert queries.kept_promises() == {town.hole.pk: (1, 1)}


# ------------------------------------------------------------------ messages


def test_everybody_who_follows_is_told_each_step_once(town):
    one = make(email="eve@exemple.fr")
    making.support(NOBODY, one.report.pid, Reach(phone="0612345678"))
    handling.take(town.oscar, one.report.pid)
    handling.finish(town.oscar, one.report.pid, "Rebouché ce matin.")
    first = tell()
    assert len(first) == len(tell()) == 6, "two confirmations, two people told of two steps"
    mails = [m for m in first if m.channel == "email"]
    assert [m.address for m in mails] == ["eve@exemple.fr"] * 3
    assert one.code in mails[0].body
    assert "Valmont Mobilités" in mails[0].body
    assert "Rebouché ce matin." in mails[2].body
    assert mails[2].link == f"/signaler/suivi/{one.code}/"
    assert all(len(m.body) <= 160 for m in first if m.channel == "sms")


def test_a_letter_writer_is_answered_by_letter(town):
    from ressort.core.accounts.mandate import OnBehalf
    from ressort.services.controlroom.reports.seen import Seen

    reach = Reach(name="Jeanne Petit", postal="3 rue des Lilas\n21000 Valmont")
    making.make(
        worlds.person("agathe"), Seen("eau", here()), reach, behalf=OnBehalf("paper", reference="courrier 7")
    )
    (letter,) = tell()
    assert (letter.channel, letter.address.split("\n")[0]) == ("letter", "Jeanne Petit")


def test_the_joined_hear_of_the_other(town):
    one, two = make(), make(email="luc@exemple.fr")
    handling.merge(town.oscar, two.report.pid, one.report.pid)
    handling.refuse(town.oscar, one.report.pid, "not_found")
    titles = [m.title for m in tell()]
    assert "déjà connu" in titles[1]
    assert "sans suite" in titles[2]


def test_whoever_left_no_address_is_told_nothing(town):
    make()
    assert tell() == []


def test_each_deed_is_told_in_english_too(town):
    from django.utils import translation

    with translation.override("en"):
        one = make(email="eve@exemple.fr")
    handling.plan(town.oscar, one.report.pid, date(2026, 9, 20))
    messages = tell()
    assert "Report received" in messages[0].title
    assert "“Trou dans la chaussée”" in messages[1].body


# ------------------------------------------------------------------ erasure


def test_whoever_has_the_code_erases_words_photo_and_messages(
    town, tmp_path, django_capture_on_commit_callbacks
):
    one = make(email="eve@exemple.fr", photo=picture())
    tell()
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase_mine(NOBODY, one.code)
    assert files(tmp_path) == []
    assert not ReportWords.objects.exists()
    assert not Message.objects.exclude(address="").exists()
    found = making.follower(one.code)
    assert (found.email, found.blanked, found.report.is_open) == ("", True, True)
    with pytest.raises(Refused, match="ne reste rien"):
        erasing.erase_mine(NOBODY, one.code)
    handling.finish(town.oscar, one.report.pid)
    assert len(tell()) == 1, "nobody is left to be told"


def test_a_supporter_erases_only_what_is_theirs(town):
    one = make(email="eve@exemple.fr")
    two = making.support(NOBODY, one.report.pid, Reach("luc@exemple.fr"))
    tell()
    erasing.erase_mine(NOBODY, two.code)
    assert ReportWords.objects.exists()
    assert list(Message.objects.exclude(address="").values_list("address", flat=True)) == ["eve@exemple.fr"]


def test_erasing_an_account_leaves_the_hole(town, tmp_path, django_capture_on_commit_callbacks):
    rosa = worlds.person("rosa")
    one = make(rosa, photo=picture())
    assert exporting.export(rosa.pid)["controlroom.ReportWords"][0]["Description"] == "Un grand trou."
    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(rosa.pid)
    report = Report.objects.get(pk=one.report.pk)
    assert (report.actor, report.is_open, files(tmp_path)) == ("", True, [])
    assert not any(exporting.export(rosa.pid).values())


def test_time_lets_go_of_people_first_and_of_places_last(
    town, tmp_path, still_clock, django_capture_on_commit_callbacks
):
    one = make(email="eve@exemple.fr", photo=picture())
    left = make(email="luc@exemple.fr", where=here(4.0, 4.0))
    handling.finish(town.oscar, one.report.pid, "Fait.")
    clock.simulate(still_clock + timedelta(days=91), rate=0)
    with django_capture_on_commit_callbacks(execute=True):
        work.apply()
    assert Follower.objects.get(pk=one.pk).email == ""
    assert Follower.objects.get(pk=left.pk).email == "luc@exemple.fr"
    assert len(files(tmp_path)) == 1
    clock.simulate(still_clock + timedelta(days=366), rate=0)
    with django_capture_on_commit_callbacks(execute=True):
        work.apply()
    report = Report.objects.get(pk=one.report.pk)
    assert (report.lon, report.actor) == (round(here().lon, 3), "")
    assert not ReportPhoto.objects.exists()
    assert files(tmp_path) == []
    assert report.steps.last().text == ""
    assert ReportWords.objects.count() == 1
    clock.simulate(still_clock + timedelta(days=730 + 366), rate=0)
    work.apply()
    assert not ReportWords.objects.exists()
    assert not Follower.objects.filter(blanked=False).exists()
