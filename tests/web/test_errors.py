"""Answers to what a database refuses."""

import json

from django.db import DataError

from ressort.web.errors import ClearErrors


def test_a_null_character_is_a_sentence_not_an_incident(rf):
    middle = ClearErrors(lambda _request: None)
    said = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
    answer = middle.process_exception(rf.get("/api/v1/places", {"q": "\x00"}), DataError(said))
    assert answer.status_code == 400
    assert "caractère nul" in json.loads(answer.content)["title"]
    assert middle.process_exception(rf.get("/"), DataError("value out of range")) is None
