"""The state machine of work orders, beside somebody who reads the rules with a finger."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ressort.services.controlroom.orders import states
from ressort.services.controlroom.orders.models import WorkOrder

RULES = """
drafted    : assign>assigned cancel>cancelled
assigned   : assign>assigned unassign>drafted cancel>cancelled accept>accepted decline>declined leave>on_way arrive>on_site finish>done
accepted   : assign>assigned unassign>drafted cancel>cancelled decline>declined leave>on_way arrive>on_site finish>done fail>failed take_back>assigned
declined   : assign>assigned unassign>drafted cancel>cancelled take_back>assigned
on_way     : assign>assigned cancel>cancelled arrive>on_site finish>done fail>failed take_back>accepted
on_site    : assign>assigned cancel>cancelled finish>done fail>failed take_back>on_way
done       : check>closed return>assigned take_back>on_site
failed     : assign>assigned check>closed return>assigned cancel>cancelled take_back>on_site
closed     : return>assigned
cancelled  : restore>drafted
"""
WRITTEN = {
    line.split(":")[0].strip(): dict(one.split(">") for one in line.split(":")[1].split())
    for line in RULES.strip().splitlines()
}


def test_every_state_and_deed_is_written_down():
    assert set(WRITTEN) == set(WorkOrder.State.values)
    assert set(states.MOVES) == {deed for ways in WRITTEN.values() for deed in ways}


@given(st.lists(st.sampled_from([*states.MOVES, "ufo"]), max_size=40))
def test_whatever_is_asked_the_order_is_where_the_rules_say(deeds):
    state, read = "drafted", "drafted"
    for deed in deeds:
        state = states.after(state, deed) or state
        read = WRITTEN[read].get(deed, read)
        assert state == read
        assert set(states.possible(state)) == set(WRITTEN[read])


@given(st.sampled_from(WorkOrder.State.values))
def test_nobody_is_ever_stuck(state):
    seen, left = {state}, [state]
    while left:
        here = left.pop()
        fresh = {states.after(here, deed) for deed in states.possible(here)} - seen
        seen |= fresh
        left += fresh
    assert seen == set(WorkOrder.State.values)
