"""Rules as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.core.errors import Refused
from ressort.engines.alarms import All, Rate, Silent, Some, Threshold
from ressort.services.controlroom.alarms import wording


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("no2 > 200 fin 180", Threshold("no2", ">", 200, 180)),
        ("NO2 ≥ 40,5", Threshold("no2", ">=", 40.5)),
        ("porte_ouverte = 1", Threshold("porte_ouverte", "=", 1)),
        ("niveau monte de plus de 20 en 10 min", Rate("niveau", 600, ">", 20)),
        ("niveau baisse de plus de 2 en 1 h", Rate("niveau", 3600, "<", -2)),
        ("passages silencieux depuis 2 h", Silent("passages", 7200)),
        ("no2 > 200 until 180", Threshold("no2", ">", 200, 180)),
        ("level rises by more than 20 in 10 min", Rate("level", 600, ">", 20)),
        ("level falls by more than 2 in 1 d", Rate("level", 86400, "<", -2)),
        ("flow silent for 2 h", Silent("flow", 7200)),
        ("temperature muette depuis 90 s", Silent("temperature", 90)),
    ],
)
def test_a_line_is_read(line, meant):
    assert wording.condition(line, every=True) == meant


def test_lines_are_joined():
    both = wording.condition("a > 1\n\nb < 2", every=True)
    assert both == All((Threshold("a", ">", 1), Threshold("b", "<", 2)))
    assert isinstance(wording.condition("a > 1\nb < 2", every=False), Some)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [1]),
        ("a > 1\nn'importe quoi\nb >< 2", [2, 3]),
        ("a > 100 fin 200", [1]),
        ("a = 1 fin 1", [1]),
        ("a silencieux depuis 0 s", [1]),
        ("a monte de plus de 2 en 0 min", [1]),
        ("\n".join(["a > 1"] * 13), [13]),
    ],
)
def test_each_line_that_cannot_be_read_is_told(text, lines):
    with pytest.raises(wording.Unreadable) as told:
        wording.condition(text, every=True)
    assert [fault.line for fault in told.value.faults] == lines
    assert f"Ligne {lines[0]}" in told.value.sentence


def test_spans_of_the_week():
    found = wording.schedule("lun-ven 08:00-18:00\nsam 22:00-02:00", "Europe/Paris")
    assert found.spans[0] == (480, 1080)
    assert found.spans[-1] == (5 * 1440 + 1320, 6 * 1440 + 120)
    assert wording.schedule("dim 22:00-02:00", "UTC").spans == ((6 * 1440 + 1320, 120),)
    assert wording.schedule("ven-lun 00:00-24:00", "UTC").spans[-1] == (0, 1440)
    assert wording.schedule("mon-fri 08:00-18:00", "UTC") == wording.schedule("lun-ven 08:00-18:00", "UTC")
    assert wording.schedule(" \n", "UTC") is None
    for wrong in ("lundi 8h", "lun 08:00-08:00", "lun 25:00-26:00", "lun 08:70-09:00"):
        with pytest.raises(wording.Unreadable):
            wording.schedule(wrong, "UTC")


def test_severity_rises():
    assert wording.rises("30 min : 3\n2 h : 4", 2) == ((1800, 3), (7200, 4))
    for wrong in ("30 min : 2", "2 h : 3\n1 h : 4", "bientôt : 3", "1 h : 5", "1 h"):
        with pytest.raises(wording.Unreadable):
            wording.rises(wrong, 2)


@given(st.text(max_size=60), st.booleans())
def test_whatever_is_typed_is_read_or_refused_in_words(text, every):
    told: list[str] = []
    for read in (
        lambda: wording.condition(text, every=every),
        lambda: wording.schedule(text, "Europe/Paris"),
        lambda: wording.rises(text, 1),
    ):
        try:
            read()
        except Refused as error:
            told.append(error.sentence)
    assert all(sentence.startswith("Ligne") for sentence in told)
