"""Two voices of one thing: beside an oracle that keeps everything, and on streets where it is known who lies."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from ressort.engines.witness import Hearing, Voice, hear

LAG = 10
WORDS = st.lists(
    st.tuples(st.sampled_from(list(Voice)), st.sampled_from(["up", "down", ""]), st.integers(1, 120)),
    max_size=40,
)


def told(words, lag=LAG):
    known = Hearing()
    for voice, word, at in words:
        known = hear(known, voice, word, at, lag)
    return known


def naive(words):
    """Return whether they contradict each other: every word is kept, and every instant looked at again."""
    heard, contradicted = {Voice.DEVICE: [], Voice.WITNESS: []}, False
    since = None
    for voice, word, at in words:
        mine = heard[voice]
        if mine and at <= mine[-1][1]:
            continue
        stands = mine[-1][0] == word if mine else word == ""
        mine.append((word, at))
        ends = [each[-1] for each in heard.values() if each]
        if len(ends) < 2 or not all(word for word, _at in ends):
            since = None
            continue
        if not stands or since is None:
            since = max(at for _word, at in ends)
        if all(at >= since + LAG for _word, at in ends):
            contradicted = ends[0][0] != ends[1][0]
    return contradicted


@given(WORDS)
def test_as_somebody_who_keeps_everything_would_say(words):
    assert told(words).contradicted == naive(words)


@given(WORDS, st.integers(1, 50))
def test_the_same_word_again_never_changes_a_mind_that_was_made_up(words, more):
    known = told(words)
    last = max(known.claim_at, known.sight_at)
    settled = told([(Voice.DEVICE, known.claim, last + 100), (Voice.WITNESS, known.sight, last + 101)], 0)
    again = hear(settled, Voice.WITNESS, known.sight, last + 101 + more, 0)
    assert again.contradicted == settled.contradicted


def test_silence_accuses_nobody():
    up = hear(Hearing(), Voice.WITNESS, "up", 5, LAG)
    lied = hear(up, Voice.DEVICE, "down", 10, LAG)
    for at in range(20, 2000, 20):
        lied = hear(lied, Voice.DEVICE, "down", at, LAG)
    assert not lied.contradicted  # the witness may be dead
    assert hear(lied, Voice.WITNESS, "up", 2001, LAG).contradicted


def test_a_move_is_no_claim_and_agreement_is_proved_as_a_lie_is():
    lied = told([(Voice.WITNESS, "up", 1), (Voice.DEVICE, "down", 2), (Voice.WITNESS, "up", 20),
                 (Voice.DEVICE, "down", 21)])  # fmt: skip
    assert lied.contradicted
    moving = hear(lied, Voice.DEVICE, "", 22, LAG)
    assert moving.contradicted
    assert moving.since is None
    at_once = hear(hear(moving, Voice.DEVICE, "up", 23, LAG), Voice.WITNESS, "up", 24, LAG)
    assert at_once.contradicted
    proved = hear(hear(at_once, Voice.WITNESS, "up", 34, LAG), Voice.DEVICE, "up", 35, LAG)
    assert not proved.contradicted


def test_every_lie_that_lasts_is_found_and_no_honest_device_is_accused():
    """A thousand lives: a thing that moves, a device that tells it or not, a witness that is late by less than its lag."""
    found = 0
    for seed in range(1_000):
        chance = random.Random(seed)
        liar = chance.random() < 0.5
        known, real, claim, history = Hearing(), "up", "up", [(0, "up")]
        lied_for, at = 0, 0
        for _turn in range(60):
            at += chance.randint(1, 6)
            moved = chance.random() < 0.15
            if moved:
                claim = "down" if claim == "up" else "up"
                if not liar:
                    real = claim
                    history.append((at, real))
            if moved or chance.random() < 0.7:  # a device tells its moves, and itself now and then
                known = hear(known, Voice.DEVICE, claim, at, LAG)
            if chance.random() < 0.8:
                seen = [word for when, word in history if when <= at - chance.randint(0, LAG - 1)]
                known = hear(known, Voice.WITNESS, (seen or ["up"])[-1], at, LAG)
            lied_for = lied_for + 1 if claim != real else 0
            if not liar:
                assert not known.contradicted, seed
            elif lied_for > 16:
                assert known.contradicted, seed
                found += 1
    assert found > 150
