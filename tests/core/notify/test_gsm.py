"""One SMS holds 160 characters of its own alphabet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ressort.core.notify import gsm


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Arrêt « Hôtel de Ville »", 'Arret "Hotel de Ville"'),
        ("8 h 20 – 9\u202fh\u00a005…", "8 h 20 - 9 h 05..."),
        ("l’œuvre ça où é à ù", "l'oeuvre ca où é à ù"),
        ("2,50 €", "2,50 €"),
        ("→ 東京 😀", "> ?? ?"),
    ],
)
def test_what_the_alphabet_lacks_is_said_with_what_it_has(text, said):
    assert gsm.folded(text) == said


def test_some_characters_take_two_places():
    assert gsm.places("2 €") == 4
    with pytest.raises(ValueError, match="ê"):
        gsm.places("ê")


@given(st.text(max_size=400), st.text(alphabet="abc/:.", max_size=80))
def test_whatever_is_said_fits_in_one_sms_with_its_link_whole(text, tail):
    found = gsm.fitted(text, tail)
    assert gsm.places(found) <= gsm.LENGTH
    assert found.endswith(tail)


def test_a_long_text_is_cut_at_a_word():
    found = gsm.fitted("mot " * 60, "https://exemple.fr/s/ABC")
    assert found.endswith("mot... https://exemple.fr/s/ABC")
