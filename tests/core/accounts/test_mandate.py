"""Acting for somebody else: what is checked, and who signs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from ressort.core.accounts.mandate import LONGEST, Mandate, OnBehalf, Way
from ressort.core.errors import Refused
from tests import worlds

pytestmark = pytest.mark.django_db


def test_it_is_cleaned_and_signed_by_whoever_types():
    made = OnBehalf(Way.PAPER, Mandate.RELATIVE, "  F-2026 \n 17 ").checked(worlds.person("agathe"))
    assert (made.origin, made.mandate, made.reference, made.typed_by) == (
        "paper",
        "relative",
        "F-2026 17",
        "p_agathe",
    )


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (OnBehalf("fax"), "way_in"),
        (OnBehalf("phone", "neighbour"), "mandate"),
        (OnBehalf("phone", "self", "x" * (LONGEST + 1)), "reference"),
        (OnBehalf("phone", "self", "a\u0007b"), "reference"),
    ],
)
def test_what_is_not_known_is_refused_beside_its_field(given, field):
    with pytest.raises(Refused) as refused:
        given.checked(worlds.person("agathe"))
    assert refused.value.field == field


def test_nobody_acts_for_another_without_signing_in():
    with pytest.raises(Refused) as refused:
        OnBehalf("phone").checked(AnonymousUser())
    assert refused.value.status == 403
