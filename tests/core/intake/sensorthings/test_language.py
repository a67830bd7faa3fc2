"""The language of ``$filter``: written and read again, judged as a naive reading does, and by the database alike."""

from __future__ import annotations

import math

import pytest
from django.db.models import F, FloatField, Value
from django.db.models import functions as sql
from django.db.models.fields.json import KT
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ressort.core.clock import wall_now
from ressort.core.errors import Refused
from ressort.core.intake.models import Device, Series
from ressort.core.intake.sensorthings import judging, model, options, selecting
from ressort.core.intake.sensorthings.language import Call, Literal, Path, parse

FIELDS = {"name": "text", "unit": "text", "low": "number", "high": "number", "rank": "number"}
WORDS = ["", "a", "no2", "O'Neil", "NO2 a", " x "]
ROW = st.fixed_dictionaries(
    {
        "name": st.sampled_from(WORDS),
        "unit": st.sampled_from(["", "m", "km"]),
        "low": st.none() | st.integers(-3, 3).map(float),
        "high": st.none() | st.sampled_from([-2.5, 0.0, 0.5, 2.0, 7.25]),
        "rank": st.integers(-5, 5).map(float),
    }
)

# ------------------------------------------------------------------ filters with the plain Python that means the same


def _known(*given):
    return all(one is not None for one in given)


def _op(name, run):
    def make(one, other):
        return (
            f"({one[0]} {name} {other[0]})",
            lambda row: run(one[1](row), other[1](row)) if _known(one[1](row), other[1](row)) else None,
        )

    return make


def _function(text, run):
    def make(*args):
        def told(row):
            given = [one[1](row) for one in args]
            return run(*given) if _known(*given) else None

        return text.format(*(one[0] for one in args)), told

    return make


def _div(one, other):
    return one / other if other else None


NUMBER_LEAF = st.sampled_from(["low", "high", "rank"]).map(
    lambda n: (n, lambda row: row[n])
) | st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0]).map(lambda n: (repr(n), lambda _row: n))
TEXT_LEAF = st.sampled_from(["name", "unit"]).map(lambda n: (n, lambda row: row[n])) | st.sampled_from(
    WORDS
).map(lambda w: ("'" + w.replace("'", "''") + "'", lambda _row: w))
TEXT = (
    TEXT_LEAF
    | st.builds(_function("concat({0},{1})", lambda one, other: one + other), TEXT_LEAF, TEXT_LEAF)
    | st.builds(_function("tolower({0})", str.lower), TEXT_LEAF)
    | st.builds(_function("trim({0})", lambda text: text.strip(" ")), TEXT_LEAF)
    | st.builds(_function("substring({0},1)", lambda text: text[1:]), TEXT_LEAF)
)
NUMBER = st.recursive(
    NUMBER_LEAF
    | st.builds(_function("length({0})", len), TEXT)
    | st.builds(
        _function("indexof({0},{1})", lambda one, other: one.find(other)),
        TEXT,
        TEXT_LEAF.filter(lambda t: t[0] != "''"),
    ),
    lambda inner: (
        st.builds(_op("add", lambda one, other: one + other), inner, inner)
        | st.builds(_op("sub", lambda one, other: one - other), inner, inner)
        | st.builds(_op("mul", lambda one, other: one * other), inner, inner)
        | st.builds(_op("div", _div), inner, inner)
        | st.builds(_function("floor({0})", math.floor), inner)
        | st.builds(_function("ceiling({0})", math.ceil), inner)
    ),
    max_leaves=4,
)


def _comparison(one, sign, other):
    def told(row):
        first, second = one[1](row), other[1](row)
        if sign in {"eq", "ne"}:
            return (first == second) == (sign == "eq")
        if not _known(first, second):
            return False
        return {"gt": first > second, "ge": first >= second, "lt": first < second, "le": first <= second}[
            sign
        ]

    return f"{one[0]} {sign} {other[0]}", told


def _test(text, run):
    def make(one, other):
        return text.format(one[0], other[0]), lambda row: run(one[1](row), other[1](row))

    return make


NULL = st.just(("null", lambda _row: None))
SIGNS = st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"])
LEAF = (
    st.builds(_comparison, NUMBER, SIGNS, NUMBER)
    | st.builds(_comparison, TEXT, SIGNS, TEXT)
    | st.builds(_comparison, NUMBER, st.sampled_from(["eq", "ne"]), NULL)
    | st.builds(_test("startswith({0},{1})", str.startswith), TEXT, TEXT_LEAF)
    | st.builds(_test("endswith({0},{1})", str.endswith), TEXT, TEXT_LEAF)
    | st.builds(_test("substringof({1},{0})", lambda text, part: part in text), TEXT, TEXT_LEAF)
)
FILTER = st.recursive(
    LEAF,
    lambda inner: st.builds(
        lambda one, other: (f"({one[0]}) and ({other[0]})", lambda row: one[1](row) and other[1](row)), inner, inner
    )
    | st.builds(lambda one, other: (f"({one[0]} or {other[0]})", lambda row: one[1](row) or other[1](row)), inner, inner)
    | st.builds(lambda one: (f"not ({one[0]})", lambda row: not one[1](row)), inner),
    max_leaves=6,
)  # fmt: skip
MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))


@given(FILTER, ROW)
@MANY
def test_a_filter_means_what_plain_python_means(written, row):
    text, naive = written
    node = judging.must_be_truth(parse(text), FIELDS)
    assert judging.holds(node, lambda path: row[str(path)]) == naive(row), text


@pytest.mark.django_db
@given(FILTER, st.lists(ROW, min_size=1, max_size=4))
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_database_judges_alike(written, rows):
    Series.objects.all().delete()
    device, _made = Device.objects.get_or_create(code="d", defaults={"created": wall_now()})
    Series.objects.bulk_create(
        Series(device=device, observed=f"{row['name']}\x01{rank}", unit=row["unit"], low=row["low"], high=row["high"],
               choices=[row["rank"]])
        for rank, row in enumerate(rows)
    )  # fmt: skip
    name = sql.Substr(F("observed"), 1, sql.StrIndex(F("observed"), Value("\x01")) - 1)
    known = {
        "name": selecting.Property("text", name),
        "unit": selecting.Property("text", F("unit")),
        "low": selecting.Property("number", F("low")),
        "high": selecting.Property("number", F("high")),
        "rank": selecting.Property("number", sql.Cast(KT("choices__0"), FloatField())),
    }
    text, naive = written
    found = selecting.narrowed(Series.objects.all(), parse(text), known, 0).values_list("observed", flat=True)
    wanted = [f"{row['name']}\x01{rank}" for rank, row in enumerate(rows) if naive(row)]
    assert sorted(found) == sorted(wanted), text


# ------------------------------------------------------------------ reading


def answer_or_status(run):
    """Return what is read, or the status of the refusal."""
    try:
        return run()
    except Refused as refused:
        return refused.status


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a eq 1 or b eq 2 and c eq 3", "or(eq(a,1.0),and(eq(b,2.0),eq(c,3.0)))"),
        ("not a eq 1 and b", "and(not(eq(a,1.0)),b)"),
        ("1 add 2 mul 3 eq 7", "eq(add(1.0,mul(2.0,3.0)),7.0)"),
        ("1 sub 2 sub 3 eq -4", "eq(sub(sub(1.0,2.0),3.0),-4.0)"),
        ("A EQ 'x' AND B", "and(eq(A,'x'),B)"),
        ("Datastream/Thing/@iot.id eq 'a''b'", 'eq(Datastream/Thing/@iot.id,"a\'b")'),
        (
            "geo.distance(location, geography'POINT (5 47)') lt 1e-2",
            "lt(geo.distance(location,(((5.0, 47.0),),)),0.01)",
        ),
        ("t gt 1970-01-01T00:00:01Z", "gt(t,1000)"),
        ("t gt 1970-01-01T01:00:00 01:00", "gt(t,0)"),
        ("now() sub duration'P1DT2H' lt t", "lt(sub(now(),93600000),t)"),
        ("(((a)))", "a"),
        ("not not not a", "not(a)"),
    ],
)
def test_what_is_read(text, tree):
    def told(node):
        if isinstance(node, Call):
            return f"{node.name}({','.join(told(one) for one in node.args)})"
        return str(node) if isinstance(node, Path) else repr(node.value)

    assert told(parse(text)) == tree


@given(st.text(max_size=60) | st.lists(st.sampled_from(
    ["(", ")", ",", "not", "and", "or", "eq", "gt", "add", "name", "low", "'x'", "1", "null", "true", "now()", "length(", "geography'POINT(1 2)'",
     "duration'PT1H'", "2020-01-01T00:00:00Z", "2020-99-01T00:00:00Z", "geography'POLYGON((1 1,2 2))'"]), max_size=12).map(" ".join))  # fmt: skip
@example("9" * 400 + " eq 1")
@example("1e999 eq 1")
@MANY
def test_whatever_is_written_is_read_or_refused(text):
    node = answer_or_status(lambda: judging.must_be_truth(parse(text), FIELDS))
    assert node == 400 or judging.holds(node, lambda _path: None) in {True, False}


@given(st.lists(st.tuples(st.sampled_from(
    ["$top", "$skip", "$count", "$orderby", "$select", "$filter", "$expand", "$skiptoken", "resultFormat", "$x", "x"]),
    st.text(max_size=30) | st.sampled_from(["1", "true", "name desc", "Datastreams", "Datastreams($top=1;$expand=Thing)", "Thing"])),
    max_size=4), st.sampled_from(model.KINDS))  # fmt: skip
@MANY
def test_whatever_is_asked_is_read_or_refused(pairs, kind):
    made = answer_or_status(lambda: options.read(kind, pairs))
    assert made == 400 or 0 <= made.most() <= options.MOST


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(["Things", "('a')", "(3)", "/", "$ref", "'", "("]), max_size=8).map("".join)
)
@MANY
def test_whatever_address_is_read_or_nowhere(path):
    found = answer_or_status(lambda: model.steps(path))
    assert found == 404 or isinstance(found, list)


SQUARE = Literal((((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)),), "shape").value


@given(st.floats(-1, 3), st.floats(-1, 3))
@MANY
def test_within_a_square(lon, lat):
    assert judging.within((((lon, lat),),), SQUARE) == (0 <= lon < 2 and 0 <= lat < 2)
