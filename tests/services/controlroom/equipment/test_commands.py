"""Commands: confirmed by the device alone, dangerous ones by two people, held by a lease, stopped by interlocks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from ressort.core import clock
from ressort.core.errors import Forbidden, Refused
from ressort.core.intake import watching
from ressort.core.intake.observing import observe
from ressort.core.journal.models import Event
from ressort.services.controlroom.equipment import asking, holding, playing, registering, sending
from ressort.services.controlroom.equipment.drivers import ACCEPTED, Answer
from ressort.services.controlroom.equipment.models import Command, Order
from tests import worlds

pytestmark = pytest.mark.django_db
State = Command.State


def ask(street, code, verb, params=None, *, who=None, reason="Convoi", **more):
    asset = street.asset(code)
    return asking.ask(who or street.oscar, asset.pid, verb, params, reason=reason, now=street.wall, **more)


def kinds(command):
    rows = Event.objects.filter(subject=command.pid).order_by("seq").values_list("kind", flat=True)
    return [kind.rpartition(".")[2] for kind in rows]


def test_a_safe_command_leaves_at_once_and_is_confirmed_by_the_device(street):
    command = ask(street, "borne-1", "lower")
    assert command.state == State.CHECKED
    street.later(1)
    assert street.now(command).state == State.ACCEPTED
    street.later(5)
    assert street.now(command).state == State.CONFIRMED
    assert command.ended > command.sent
    assert kinds(command) == ["asked", "sent", "accepted", "confirmed"]


def test_a_light_that_is_already_so_answers_after_the_order(street):
    """Its clock was read a little before the order was sent: its word comes after the order all the same."""
    before, moved = street.service + timedelta(seconds=1), street.service + timedelta(seconds=1.1)
    clock.simulate(moved, rate=0)
    command = ask(street, "lampe-1", "dim", {"level": 0})
    holding.tick(street.wall)
    assert street.now(command).sent_at
    playing.play(before, wall=street.wall)
    watching.deliver("controlroom.commands", lambda arrivals: sending.confirm(arrivals, street.wall))
    assert street.now(command).state == "confirmed"


def test_a_device_that_is_off_is_never_said_to_have_done_it(street):
    street.fault("lampe-1", "off")
    command = ask(street, "lampe-1", "dim", {"level": 60})
    street.later(10)
    assert street.now(command).state == State.SENT
    street.later(15)
    assert (street.now(command).state, command.why) == (State.TIMED_OUT, "silent")


def test_a_receipt_is_no_confirmation(street):
    street.fault("lampe-1", "stuck")
    command = ask(street, "lampe-1", "dim", {"level": 60})
    street.later(3)
    assert street.now(command).state == State.ACCEPTED
    street.later(25)
    assert street.now(command).state == State.TIMED_OUT


def test_what_the_device_said_before_confirms_nothing(street):
    street.fault("lampe-1", "off")
    before = street.service
    command = ask(street, "lampe-1", "dim", {"level": 60})
    street.later(2)
    said = {"device": "lampe-1", "property": "level", "value": 60}
    observe(
        [{**said, "at": before + timedelta(milliseconds=900)}]
    )  # late on the line, older than the command
    street.later(1)
    assert street.now(command).state == State.SENT
    observe([{**said, "at": street.service, "quality": "doubtful"}])
    street.later(1)
    assert street.now(command).state == State.SENT
    observe([{**said, "at": street.service}])
    street.later(1)
    assert street.now(command).state == State.CONFIRMED


def test_a_dangerous_command_needs_a_second_person(street):
    command = ask(street, "borne-1", "raise")
    assert command.state == State.DRAFTED
    street.later(3)
    assert not Order.objects.exists()
    with pytest.raises(Refused, match="une autre personne"):
        asking.approve(street.oscar, command.pid, now=street.wall)
    with pytest.raises(Forbidden):
        asking.approve(worlds.person("denis"), command.pid, now=street.wall)
    asking.approve(street.odile, command.pid, now=street.wall)
    street.later(6)
    assert street.now(command).state == State.CONFIRMED
    assert (command.actor, command.approver) == ("p_oscar", "p_odile")
    with pytest.raises(Refused, match="plus d'accord"):
        asking.approve(street.odile, command.pid, now=street.wall)


def test_or_is_declined_or_waits_for_nobody_for_ever(street):
    first = ask(street, "sirene-1", "sound")
    asking.decline(street.odile, first.pid, now=street.wall)
    assert (street.now(first).state, first.why) == (State.REFUSED, "declined")
    second = ask(street, "sirene-1", "sound")
    street.wall += asking.WAIT + timedelta(seconds=1)
    street.later(1)
    assert (street.now(second).state, second.why) == (State.TIMED_OUT, "expired")


def test_a_declared_emergency_needs_one_person(street):
    asking.declare_emergency(street.odile, "Accident rue de la Liberté")
    with pytest.raises(Refused, match="déjà déclarée"):
        asking.declare_emergency(street.odile, "encore")
    command = ask(street, "feux-1", "flash")
    assert (command.state, command.emergency) == (State.CHECKED, True)
    asking.end_emergency(street.odile)
    street.wall += timedelta(minutes=1)
    assert ask(street, "sirene-1", "sound").state == State.DRAFTED


def test_a_bollard_never_rises_unless_its_loop_is_proved_free(street):
    street.busy.add("borne-1")
    street.later(1)
    with pytest.raises(Refused, match="boucle"):
        ask(street, "borne-1", "raise")
    street.busy.clear()
    street.later(1)
    command = ask(street, "borne-1", "raise")  # free as it is asked…
    street.busy.add("borne-1")
    street.later(1)
    asking.approve(street.odile, command.pid, now=street.wall)  # … no longer as it would leave
    street.later(1)
    assert (street.now(command).state, command.why) == (State.REFUSED, "loop-not-free")
    assert not Order.objects.exists()


def test_silence_of_the_loop_forbids_and_lowering_is_always_allowed(street):
    street.fault("borne-1", "mute_loop")
    street.later(100)
    with pytest.raises(Refused, match="boucle"):
        ask(street, "borne-1", "raise")
    street.fault("borne-1", "off")
    street.later(130)
    with pytest.raises(Refused, match="inconnu ou trop ancien"):
        ask(street, "borne-1", "raise")
    assert ask(street, "borne-1", "lower").state == State.CHECKED


def test_a_vehicle_that_comes_while_it_rises_sends_it_down(street):
    command = ask(street, "borne-1", "lower")
    street.later(6)
    command = ask(street, "borne-1", "raise")
    asking.approve(street.odile, command.pid, now=street.wall)
    street.later(2)
    street.busy.add("borne-1")
    street.later(2)
    assert (street.now(command).state, command.why) == (State.REFUSED, "loop-not-free")
    back = Command.objects.get(undoes=command)
    assert (back.verb, back.actor) == ("lower", "system:controlroom")
    street.later(6)
    assert street.now(back).state == State.CONFIRMED


def test_a_hold_lasts_as_long_as_a_screen_says_so(street):
    command = ask(street, "borne-1", "lower", hold=True)
    street.later(6)
    assert street.now(command).held
    for _ in range(4):
        holding.renew(street.oscar, command.pid, now=street.wall)
        street.later(20)
        assert street.now(command).held
    street.later(20)
    assert not street.now(command).held
    assert command.state == State.CONFIRMED  # its end stays its end
    back = Command.objects.get(undoes=command)
    assert back.verb == "auto"
    street.later(2)
    assert street.now(back).state == State.CONFIRMED
    with pytest.raises(Refused, match="relâché"):
        holding.renew(street.oscar, command.pid, now=street.wall)
    assert kinds(command)[-1] == "released"


def test_a_hold_is_released_by_hand_and_by_what_is_asked_next(street):
    command = ask(street, "borne-1", "lower", hold=True)
    street.later(6)
    holding.release(street.oscar, command.pid, now=street.wall)
    street.later(2)
    other = ask(street, "borne-1", "lower", hold=True)
    street.later(6)
    assert street.now(other).held
    ask(street, "borne-1", "auto")
    street.later(2)
    assert not street.now(other).held


def test_the_newest_command_replaces_what_is_under_way(street):
    street.fault("lampe-1", "off")
    first = ask(street, "lampe-1", "dim", {"level": 10})
    street.later(1)
    second = ask(street, "lampe-1", "dim", {"level": 90})
    street.later(1)
    assert street.now(first).state == State.SUPERSEDED
    street.fault("lampe-1", "")
    street.later(4)
    assert street.now(second).state == State.CONFIRMED


def test_the_same_key_asks_once(street):
    first = ask(street, "lampe-1", "dim", {"level": 10}, key="k")
    again = ask(street, "lampe-1", "dim", {"level": 10}, key="k")
    assert first.pk == again.pk
    assert Event.objects.filter(kind="controlroom.command.asked").count() == 1
    assert ask(street, "lampe-1", "dim", {"level": 10}, key="k", who=street.odile).pk != first.pk


@pytest.mark.parametrize(
    ("code", "verb", "params", "reason", "said"),
    [
        ("lampe-1", "dim", {"level": 101}, "x", "de 0 à 100"),
        ("lampe-1", "dim", {"level": "50"}, "x", "de 0 à 100"),
        ("lampe-1", "dim", {}, "x", "de 0 à 100"),
        ("lampe-1", "explode", {}, "x", "ne sait pas"),
        ("comptage-1", "dim", {}, "x", "ne sait pas"),
        ("lampe-1", "dim", {"level": 1}, "  ", "pourquoi"),
        ("lampe-1", "dim", {"level": 1}, "x" * 201, "200"),
    ],
)
def test_what_is_asked_badly_is_said_so(street, code, verb, params, reason, said):
    with pytest.raises(Refused, match=said):
        ask(street, code, verb, params, reason=reason)
    assert not Command.objects.exists()


def test_only_operators_of_the_organisation_ask(street):
    with pytest.raises(Forbidden):
        ask(street, "lampe-1", "dim", {"level": 1}, who=worlds.person("agathe"))


def test_nothing_is_asked_of_what_is_under_repair(street):
    asset = street.asset("lampe-1")
    registering.upkeep(street.oscar, asset.pid, "maintenance")
    with pytest.raises(Refused, match="travaille"):
        ask(street, "lampe-1", "dim", {"level": 1})


def test_what_has_not_left_is_cancelled_and_what_has_is_not(street):
    waiting = ask(street, "sirene-1", "sound")
    asking.cancel(street.oscar, waiting.pid, now=street.wall)
    assert street.now(waiting).state == State.CANCELLED
    gone = ask(street, "lampe-1", "dim", {"level": 1})
    street.later(1)
    with pytest.raises(Refused, match="est partie"):
        asking.cancel(street.oscar, gone.pid, now=street.wall)


def test_a_process_killed_between_marking_and_carrying_carries_again(street):
    command = ask(street, "lampe-1", "dim", {"level": 30})
    assert sending._leave(command.pk, street.wall).state == State.SENT  # killed here: nothing was carried
    assert not Order.objects.exists()
    street.later(1)
    assert street.now(command).state == State.SENT
    street.later(5)
    assert street.now(command).state == State.CONFIRMED


def test_a_confirmation_missed_by_a_crash_is_found_again(street):
    street.fault("lampe-1", "off")
    command = ask(street, "lampe-1", "dim", {"level": 30})
    street.later(1)
    at = street.service + timedelta(milliseconds=1)
    observe([{"device": "lampe-1", "property": "level", "value": 30, "at": at}])
    holding.tick(street.wall)  # no watcher ran: the newest observation is enough
    assert street.now(command).state == State.CONFIRMED


def test_nothing_leaves_an_end(street):
    command = ask(street, "lampe-1", "dim", {"level": 30})
    street.later(4)
    assert street.now(command).state == State.CONFIRMED
    assert not sending.feedback(command.pid, Answer(ACCEPTED), now=street.wall)
    with transaction.atomic():
        for state in State:
            assert not sending.move(command, state) if state != State.DRAFTED else True
    with pytest.raises(IntegrityError), transaction.atomic():
        Command.objects.filter(pk=command.pk).update(state="sent")
