"""Proposals and deeds, against a naive search; shares, against counting."""

from __future__ import annotations

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from ressort.engines import shadow
from ressort.engines.shadow import Count, Seen, Share

SEEN = st.builds(Seen, st.integers(1, 2), st.sampled_from("ab"), st.integers(0, 30).map(float))


def most(proposed, done, window):
    """Return how many matches there can be, by trying every pairing."""
    best = 0
    blanks = [*range(len(done)), *[None] * len(proposed)]
    for chosen in set(permutations(blanks, len(proposed))):
        pairs = [(one, done[rank]) for one, rank in zip(proposed, chosen, strict=True) if rank is not None]
        fits = [
            one.thing == deed.thing and one.what == deed.what and abs(one.at - deed.at) <= window
            for one, deed in pairs
        ]
        best = max(best, sum(fits))
    return best


@given(st.lists(SEEN, max_size=3), st.lists(SEEN, max_size=3), st.integers(0, 15))
def test_there_are_as_many_matches_as_can_be(proposed, done, window):
    found = shadow.compare(proposed, done, window)
    assert sum(one.outcome == "match" for one in found) == most(proposed, done, window)


@given(st.lists(SEEN, max_size=12), st.lists(SEEN, max_size=12), st.integers(0, 15))
def test_each_counts_once_and_means_what_it_says(proposed, done, window):
    found = shadow.compare(proposed, done, window)
    assert sorted(one.proposed for one in found if one.proposed is not None) == list(range(len(proposed)))
    assert sorted(one.done for one in found if one.done is not None) == list(range(len(done)))
    alone = [done[one.done] for one in found if one.outcome == "missed"]
    for one in found:
        if one.proposed is None or one.done is None:
            assert one.outcome in {"missed", "nothing"}
            continue
        mine, deed = proposed[one.proposed], done[one.done]
        assert mine.thing == deed.thing
        assert abs(mine.at - deed.at) <= window
        assert one.outcome == "other" or mine.what == deed.what
    for one in found:
        if one.outcome == "nothing":
            mine = proposed[one.proposed]
            assert not any(deed.thing == mine.thing and abs(deed.at - mine.at) <= window for deed in alone)


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_holds_the_share_and_narrows(good, bad):
    share = Share(good, good + bad)
    low, high = share.interval
    assert 0 <= low <= high <= 1
    if share.value is None:
        assert (low, high) == (0, 1)
        return
    assert low - 1e-9 <= share.value <= high + 1e-9
    wider = Share(good * 4, (good + bad) * 4).interval
    assert wider[1] - wider[0] <= high - low + 1e-9


def test_ready_when_nothing_lacks():
    assert shadow.lacking(Count(29), 30, 95) == ["cases"]
    assert shadow.lacking(Count(), 0, 95) == ["agreement"]
    assert shadow.lacking(Count(95, 5), 30, 95) == []
    assert shadow.lacking(Count(95, 4, 2), 30, 95) == ["agreement"]
    assert shadow.lacking(Count(99, 1, danger=1), 30, 95) == ["danger"]
    low, high = Share(30, 30).interval
    assert (round(low, 2), high) == (0.89, 1.0)
    assert Count(8, 1, 1, 3).precision == Share(8, 10)
    assert Count(8, 1, 1, 3).recall == Share(8, 12)
