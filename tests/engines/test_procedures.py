"""Procedures: every fault on its line, and the way through them against somebody who follows the text with a finger."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ressort.engines import procedures

FULL = """# Chute d'arbre
Vérifier : La route est-elle coupée : oui ou non ?
APPELER: Astreinte voirie, 03 80 00 00 00
Commander : Abaisser la borne | borne-12 | abaisser

Attendre : 20 min, l'arrivée de l'équipe
Décider : Y a-t-il un blessé ?
- Oui -> secours
– Peut-être → [SECOURS]
- Non

Aller à : fin
[Secours]
call : SDIS, 18
"""


def test_a_whole_procedure_is_read():
    read = procedures.read(FULL.replace("[SECOURS]", "Secours"))
    assert read.faults == ()
    assert [one.kind for one in read.steps] == ["check", "call", "command", "wait", "decide", "call"]
    command, wait, decide = read.steps[2:5]
    assert (command.text, command.asset, command.order) == ("Abaisser la borne", "borne-12", "abaisser")
    assert (wait.seconds, wait.text) == (1200, "l'arrivée de l'équipe")
    assert decide.answers == (("Oui", 5), ("Peut-être", 5), ("Non", None))
    assert (read.first, read.next(0), read.next(4, "Oui"), read.next(4, "Non"), read.next(5)) == (
        0,
        1,
        5,
        None,
        None,
    )
    with pytest.raises(KeyError):
        read.next(4, "Jamais")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", (1, "no-steps", "")),
        ("# rien", (1, "no-steps", "")),
        ("Apeler : x", (1, "near-word", "appeler")),
        ("Danser : x\nAppeler : y", (1, "unknown-word", "danser")),
        ("Appeler le maire", (1, "no-colon", "Appeler")),
        ("Appeler :", (1, "empty", "")),
        ("Attendre : un peu", (1, "no-duration", "")),
        ("Attendre : 0 min", (1, "bad-duration", "")),
        ("Attendre : 8 jours", (1, "bad-duration", "")),
        ("Commander : a | b", (1, "bad-command", "")),
        ("Commander : a | | c", (1, "bad-command", "")),
        ("Appeler : x\n- Oui", (2, "answer-alone", "")),
        ("Décider : x ?\n- Oui", (1, "few-answers", "")),
        ("Décider : x ?\n- Oui\n- OUI", (3, "answer-twice", "OUI")),
        ("Décider : x ?\n- Oui -> là\n- Non", (2, "unknown-label", "là")),
        ("Appeler : x\nAller à : là", (2, "unknown-label", "là")),
        ("[a]\nAppeler : x\n[A]\nAppeler : y", (3, "label-twice", "A")),
        ("[fin]\nAppeler : x", (1, "label-end", "")),
        ("[a\nAppeler : x", (1, "bad-label", "[a")),
        ("Appeler : x\n[a]\nAller à : a", (1, "endless", "")),
        ("Appeler : x\nFin\nAppeler : y", (3, "unreached", "")),
        ("Appeler : " + "x" * 300, (1, "long-line", "300")),
        ("\n".join(f"Appeler : {n}" for n in range(101)), (101, "too-many-steps", "100")),
    ],
)  # fmt: skip
def test_each_fault_is_on_its_line(text, fault):
    found = [(one.line, one.code, one.about) for one in procedures.read(text).faults]
    assert fault in found


@given(st.text(max_size=400))
def test_any_text_is_read_or_told_what_is_wrong(text):
    read = procedures.read(text)
    assert read.faults or read.steps
    lines = text.count("\n") + 1
    assert all(1 <= one.line <= lines for one in read.faults)
    for step in read.steps:
        for to in [step.after, *(to for _, to in step.answers)]:
            assert to is None or 0 <= to < len(read.steps)


LABELS = ("a", "b", "c")
TARGET = st.sampled_from(("", "fin", *LABELS))
ITEM = st.one_of(
    st.just(("step",)),
    st.tuples(st.just("label"), st.sampled_from(LABELS)),
    st.tuples(st.just("goto"), st.sampled_from(("fin", *LABELS))),
    st.tuples(st.just("decide"), st.lists(TARGET, min_size=2, max_size=3)),
)


def settled(items):
    """Keep each label once, and send to the end what would go to a label that is nowhere."""
    there = {item[1] for item in items if item[0] == "label"} | {"", "fin"}
    seen = set()
    for item in items:
        kept = item
        match item:
            case ("label", name) if name in seen:
                continue
            case ("label", name):
                seen.add(name)
            case ("goto", name):
                kept = ("goto", name if name in there else "fin")
            case ("decide", targets):
                kept = ("decide", [to if to in there else "fin" for to in targets])
        yield kept


def written(items):
    """Write a procedure whose steps are told apart by their rank."""
    lines = []
    for rank, item in enumerate(items):
        match item:
            case ("step",):
                lines.append(f"Appeler : {rank}")
            case ("label", name):
                lines.append(f"[{name}]")
            case ("goto", name):
                lines.append(f"Aller à : {name}")
            case ("decide", targets):
                lines.append(f"Décider : {rank}")
                lines += [f"- r{n}" + (f" -> {to}" if to else "") for n, to in enumerate(targets)]
    return "\n".join(lines)


def with_a_finger(text, choices):
    """Follow the lines one after the other, as somebody would on paper; return the steps met."""
    lines, at, met, choices = text.split("\n"), 0, [], list(choices)
    where = {line[1:-1]: n for n, line in enumerate(lines) if line.startswith("[")}
    while at < len(lines) and len(met) < 30:
        line = lines[at]
        if line.startswith("Aller"):
            name = line.split(" : ")[1]
            if name == "fin":
                return met
            at = where[name]
        elif line.startswith("Décider"):
            met.append(line.split(" : ")[1])
            block = at + 1
            while block < len(lines) and lines[block].startswith("-"):
                block += 1
            answers = lines[at + 1 : block]
            chosen = answers[(choices.pop() if choices else 0) % len(answers)]
            to = chosen.partition(" -> ")[2]
            if to == "fin":
                return met
            at = where[to] if to else block
        else:
            if line.startswith("Appeler"):
                met.append(line.split(" : ")[1])
            at += 1
    return met


@given(st.lists(ITEM, min_size=1, max_size=12), st.lists(st.integers(0, 5), max_size=30))
def test_the_way_is_the_one_of_a_finger_on_the_paper(items, choices):
    text = written(list(settled(items)))
    read = procedures.read(text)
    assume({one.code for one in read.faults} <= {"unreached", "no-steps"})
    met, at, left = [], read.first, list(choices)
    while at is not None and len(met) < 30:
        step = read.steps[at]
        met.append(step.text)
        answer = step.answers[(left.pop() if left else 0) % len(step.answers)][0] if step.answers else ""
        at = read.next(at, answer)
    assert met == with_a_finger(text, choices)
