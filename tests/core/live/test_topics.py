"""What of an event a person reads."""

from __future__ import annotations

import json

import pytest
from django.utils.translation import override

from ressort.core.journal import declare
from ressort.core.journal.models import Event
from ressort.core.live.topics import tell

declare("test.told", "Confié à {who} jusqu'au {until}, référence {code}.", "who", "until", "code")


@pytest.mark.parametrize(
    ("language", "payload", "said"),
    [
        (
            "fr",
            {"who": 3, "until": "2027-05-01", "code": "2027-05"},
            "à 3 jusqu'au 1 mai 2027, référence 2027-05.",
        ),
        ("en", {"who": "a", "until": "2027-05-27", "code": ""}, "à a jusqu'au May 27, 2027, référence ."),
        ("fr", {"until": "2027-02-31", "code": "b"}, "à – jusqu'au 2027-02-31, référence b."),
        ("fr", {"until": "2027-13-01"}, "à – jusqu'au 2027-13-01, référence –."),
    ],
)
def test_a_sentence_says_days_in_words_and_a_dash_for_what_is_not_known(language, payload, said):
    with override(language):
        assert tell(Event(kind="test.told", payload=json.dumps(payload))) == f"Confié {said}"


def test_an_event_of_a_service_that_is_gone_is_told_by_its_name():
    assert tell(Event(kind="gone.thing.done", payload="{}")) == "gone.thing.done"
