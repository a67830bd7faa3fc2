"""Times and figures as people say them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from ressort.web import words

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # Tuesday, 7:30 in Paris


def plain(text: str) -> str:
    return text.replace(words.NBSP, " ").replace(words.NARROW, " ")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "maintenant"),
        (0.5, "maintenant"),
        (12, "dans 12 min"),
        (-3, "il y a 3 min"),
        (90, "à 9 h 00"),
        (-26 * 60, "hier à 5 h 30"),
        (24 * 60, "demain à 7 h 30"),
        (3 * 24 * 60, "vendredi à 7 h 30"),
        (20 * 24 * 60, "le 14 décembre à 7 h 30"),
        (-400 * 24 * 60, "le 20 octobre 2025"),
    ],
)
def test_a_moment_is_told_as_people_say_it(minutes, said):
    assert plain(words.when(NOW + timedelta(minutes=minutes), NOW)) == said


def test_english_tells_the_same_moments():
    assert plain(words.when(NOW + timedelta(minutes=12), NOW, language="en")) == "in 12 min"
    assert plain(words.when(NOW + timedelta(days=1), NOW, language="en")) == "tomorrow at 7:30"
    assert plain(words.when(NOW + timedelta(days=20), NOW, language="en")) == "14 December at 7:30"


def test_days_begin_in_the_territory_not_in_greenwich():
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # half past midnight in Paris
    assert plain(words.when(datetime(2026, 11, 24, 21, 0, tzinfo=UTC), late)).startswith("hier")
    assert plain(words.when(late, NOW, ZoneInfo("UTC"))).startswith("à 23")


@pytest.mark.parametrize(
    ("value", "digits", "said"),
    [(1234.5, 1, "1 234,5"), (0, 0, "0"), (-7.25, 2, "−7,25"), (-0.001, 1, "0,0")],
)
def test_figures_are_written_in_french(value, digits, said):
    assert plain(words.number(value, digits)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (45, "45 s"),
        (59.7, "1 min"),
        (725, "12 min"),
        (3600, "1 h"),
        (3900, "1 h 05"),
        (97200, "1 j 3 h"),
        (3599, "1 h"),
    ],
)
def test_lengths_of_time(seconds, said):
    assert plain(words.duration(seconds)) == said


@pytest.mark.parametrize(
    ("metres", "said"), [(45, "45 m"), (348, "350 m"), (996, "1,0 km"), (1240, "1,2 km"), (34_100, "34 km")]
)
def test_distances(metres, said):
    assert plain(words.distance(metres)) == said


@given(st.floats(min_value=0, max_value=1e6))
def test_no_length_of_time_is_told_with_sixty_of_anything(seconds):
    told = words.duration(seconds)
    assert "60" not in told.split(words.NBSP)[0::2] or "j" in told


def test_money():
    assert plain(words.euros(250)) == "2,50 €"
    assert words.euros(0) == "gratuit"


def test_typography_puts_the_spaces_that_do_not_break():
    told = words.typo("Où allez-vous ? « Dijon » : 12 min !")
    assert (
        told
        == f"Où allez-vous{words.NARROW}? «{words.NBSP}Dijon{words.NBSP}»{words.NBSP}: 12{words.NBSP}min{words.NARROW}!"
    )


class _Asking(forms.Form):
    who = forms.CharField(label="Qui demande ?", help_text="Comme on dit : « Rosa ».")


def test_forms_have_the_spaces_that_do_not_break():
    form = _Asking({"who": ""})
    form.add_error(None, "Écrivez <qui> : « Rosa ».")
    shown = Template("{% field form.who %}{% errors_of form %}").render(Context({"form": form}))
    assert f"Qui demande{words.NARROW}?</label>" in shown
    assert f"Comme on dit{words.NBSP}: «{words.NBSP}Rosa{words.NBSP}».</span>" in shown
    assert f"Écrivez &lt;qui&gt;{words.NBSP}: «{words.NBSP}Rosa{words.NBSP}».</li>" in shown


def test_typography_leaves_addresses_and_hours_alone():
    assert words.typo("https://exemple.fr/a?b=1") == "https://exemple.fr/a?b=1"
    assert words.typo("07:30:12") == "07:30:12"


def test_a_telephone_number_is_said_two_digits_at_a_time():
    assert words.phone("+33612345678") == "06\u00a012\u00a034\u00a056\u00a078"
    assert words.phone("+4915112345678") == "+4915112345678"
