"""Procedures written as plain lines: read into steps, with what is wrong line by line; and what follows what.

A line is a step: a word, a colon, what to do. ``Décider`` is followed by its answers, one a line; a name between
brackets is a place to jump to::

    # Chute d'arbre sur une route
    Vérifier : La route est-elle coupée dans les deux sens ?
    Appeler : Astreinte voirie, 03 80 00 00 00
    Commander : Abaisser la borne de la rue Verte | borne-12 | abaisser
    Attendre : 20 min, l'arrivée de l'équipe
    Décider : Y a-t-il un blessé ?
    - Oui -> secours
    - Non -> fin

    [secours]
    Appeler : SDIS, 18
    Aller à : fin

Everything here is a pure function of the text. Faults are codes: their sentences are for whoever shows them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MOST_STEPS = 100
MOST_CHARACTERS = 300
LONGEST_WAIT = 7 * 86_400
END = "fin"

WORDS = {
    "check": ("verifier", "check"),
    "call": ("appeler", "call"),
    "command": ("commander", "command"),
    "message": ("message", "prevenir", "tell"),
    "wait": ("attendre", "wait"),
    "decide": ("decider", "decide"),
    "goto": ("aller a", "go to"),
}
_KIND = {word: kind for kind, words in WORDS.items() for word in words}
_STEP = re.compile(r"([^:|\[\]>-][^:|]{0,40}?)\s*:\s*(.*)")
_LABEL = re.compile(r"\[\s*([^\[\]]{1,40}?)\s*\]")
_ANSWER = re.compile(r"[-–•]\s*(.+?)(?:\s*(?:->|→|=>)\s*(.*))?")
_SPAN = re.compile(
    r"(\d{1,5})\s*(s|sec|secondes?|min|minutes?|mn|h|heures?|hours?|j|jours?|d|days?)\b\s*[,:–-]?\s*(.*)"
)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "j": 86_400, "d": 86_400}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong on a line (1 is the first): a code, and the words it is about."""

    line: int
    code: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step.

    Attributes
    ----------
    line : int
        Where it is written.
    kind : str
        ``check``, ``call``, ``command``, ``message``, ``wait`` or ``decide``.
    text : str
        What to do, ask, or wait for.
    seconds : int
        Of a wait.
    asset, order : str
        Of a command: which equipment, and what it is told.
    answers : sequence of (words, step or None)
        Of a decision; None ends the procedure.
    after : int or None
        The step that follows; None ends the procedure.
    """

    line: int
    kind: str
    text: str
    seconds: int = 0
    asset: str = ""
    order: str = ""
    answers: Sequence[tuple[str, int | None]] = ()
    after: int | None = None


@dataclass(frozen=True, slots=True)
class Procedure:
    """Steps, in the order they are written, and faults. Only one without faults may be run."""

    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    first: int | None = None
    """The step it begins with."""

    def next(self, step: int, answer: str = "") -> int | None:
        """Return the step that follows ``step``; of a decision, the one that ``answer`` leads to.

        Raises
        ------
        KeyError
            If it is a decision and the answer is none of its answers.
        """
        here = self.steps[step]
        return dict(here.answers)[answer] if here.kind == "decide" else here.after


@dataclass(slots=True)
class _Draft:
    line: int
    kind: str
    text: str
    seconds: int = 0
    asset: str = ""
    order: str = ""
    answers: list[tuple[int, str, str]] | None = None


def fold(text: str) -> str:
    """Return words without accents, case, nor spaces around."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).replace("’", "'").split())


def read(text: str) -> Procedure:
    """Read a procedure.

    Parameters
    ----------
    text : str
        Lines; those that are empty or begin with ``#`` say nothing.
    """
    faults: list[Fault] = []
    drafts, labels = _drafts(text, faults)
    if not any(one.kind != "goto" for one in drafts):
        faults.append(Fault(1, "no-steps"))
    steps = [one for one in drafts if one.kind != "goto"]
    if len(steps) > MOST_STEPS:
        faults.append(Fault(steps[MOST_STEPS].line, "too-many-steps", str(MOST_STEPS)))
    made, first = _linked(drafts, labels, faults)
    if not faults:
        faults += _unreached(made, first)
    return Procedure(tuple(made), tuple(sorted(faults, key=lambda one: one.line)), first)


def _drafts(text: str, faults: list[Fault]) -> tuple[list[_Draft], dict[str, int]]:
    """Return the lines that mean something, and at which of them each label stands."""
    drafts: list[_Draft] = []
    labels: dict[str, int] = {}
    for number, raw in enumerate(text.replace("\r\n", "\n").replace("\u00a0", " ").split("\n"), 1):
        line = " ".join(raw.replace("\u202f", " ").split())
        if not line or line.startswith("#"):
            continue
        if len(line) > MOST_CHARACTERS:
            faults.append(Fault(number, "long-line", str(MOST_CHARACTERS)))
        elif line.startswith("["):
            _label(number, line, len(drafts), labels, faults)
        elif line[0] in "-–•":
            _answer(number, line, drafts, faults)
        else:
            _step(number, line, drafts, faults)
    return drafts, labels


def _label(number: int, line: str, at: int, labels: dict[str, int], faults: list[Fault]) -> None:
    found = _LABEL.fullmatch(line)
    name = fold(found[1]) if found else ""
    if not name:
        faults.append(Fault(number, "bad-label", line[:40]))
    elif name == END:
        faults.append(Fault(number, "label-end"))
    elif name in labels:
        faults.append(Fault(number, "label-twice", found[1] if found else ""))
    else:
        labels[name] = at


def _answer(number: int, line: str, drafts: list[_Draft], faults: list[Fault]) -> None:
    if not drafts or drafts[-1].answers is None:
        faults.append(Fault(number, "answer-alone"))
        return
    found = _ANSWER.fullmatch(line)
    words, target = (found[1].strip(), (found[2] or "").strip()) if found else ("", "")
    if not words or len(words) > 80:
        faults.append(Fault(number, "bad-answer", line[:40]))
    elif fold(words) in {fold(other) for _, other, _ in drafts[-1].answers}:
        faults.append(Fault(number, "answer-twice", words))
    else:
        drafts[-1].answers.append((number, words, target))


def _step(number: int, line: str, drafts: list[_Draft], faults: list[Fault]) -> None:
    if fold(line).rstrip(" .") == END:
        drafts.append(_Draft(number, "goto", END))
        return
    found = _STEP.fullmatch(line)
    word = fold(found[1]) if found else fold(line.split(" ", maxsplit=1)[0])
    kind = _KIND.get(word)
    if found is None or kind is None:
        near = difflib.get_close_matches(word, _KIND, n=1, cutoff=0.6)
        if kind:
            faults.append(Fault(number, "no-colon", found[1] if found else line.split(" ", maxsplit=1)[0]))
        elif near:
            faults.append(Fault(number, "near-word", near[0]))
        else:
            faults.append(Fault(number, "unknown-word", word[:40]))
        return
    words = found[2].strip()
    if not words:
        faults.append(Fault(number, "empty"))
        return
    made = _Draft(number, kind, words, answers=[] if kind == "decide" else None)
    if kind == "wait":
        _wait(made, faults)
    elif kind == "command":
        parts = [part.strip() for part in words.split("|")]
        if len(parts) not in {1, 3} or not all(parts):
            faults.append(Fault(number, "bad-command"))
        made.text, made.asset, made.order = (*parts, "", "")[:3]
    drafts.append(made)


def _wait(made: _Draft, faults: list[Fault]) -> None:
    found = _SPAN.fullmatch(made.text)
    if found is None:
        faults.append(Fault(made.line, "no-duration"))
        return
    made.seconds = int(found[1]) * _SECONDS[found[2][0]]
    if not 0 < made.seconds <= LONGEST_WAIT:
        faults.append(Fault(made.line, "bad-duration"))
    made.text = found[3].strip()


@dataclass(slots=True)
class _Ways:
    """Where each line leads: jumps are followed here, once and for all."""

    drafts: list[_Draft]
    labels: dict[str, int]
    faults: list[Fault]
    index: dict[int, int]  # draft -> step

    def settle(self, at: int, line: int) -> int | None:
        """Return the step at which somebody arrives who goes to a draft; None: the end."""
        seen: set[int] = set()
        while at < len(self.drafts) and self.drafts[at].kind == "goto":
            if at in seen:
                self.faults.append(Fault(line, "endless"))
                return None
            seen.add(at)
            name = fold(self.drafts[at].text)
            if name not in self.labels:  # the end, or a fault that is told where it is written
                return None
            at = self.labels[name]
        return self.index.get(at)

    def to(self, name: str, line: int, at: int) -> int | None:
        """Return the step to which an answer of the draft ``at`` leads."""
        if not name:
            return self.settle(at + 1, line)
        self.check(name, line)
        return self.settle(self.labels[fold(name)], line) if fold(name) in self.labels else None

    def check(self, name: str, line: int) -> None:
        """Note a name that stands nowhere."""
        if fold(name) != END and fold(name) not in self.labels:
            self.faults.append(Fault(line, "unknown-label", name[:40]))


def _linked(
    drafts: list[_Draft], labels: dict[str, int], faults: list[Fault]
) -> tuple[list[Step], int | None]:
    """Return the steps with what follows each, and the first."""
    real = [at for at, one in enumerate(drafts) if one.kind != "goto"]
    ways = _Ways(drafts, labels, faults, {at: step for step, at in enumerate(real)})
    made = []
    for at, one in enumerate(drafts):
        if one.kind == "goto":
            ways.check(one.text, one.line)
            continue
        answers: list[tuple[str, int | None]] = []
        if one.answers is not None:
            if len(one.answers) < 2:
                faults.append(Fault(one.line, "few-answers"))
            answers = [(words, ways.to(name, line, at)) for line, words, name in one.answers]
        after = ways.settle(at + 1, one.line) if one.answers is None else None
        made.append(
            Step(one.line, one.kind, one.text, one.seconds, one.asset, one.order, tuple(answers), after)
        )
    return made, ways.settle(0, 1)


def _unreached(steps: list[Step], first: int | None) -> list[Fault]:
    """Return the steps to which nothing leads."""
    seen: set[int] = set()
    todo = [first] if first is not None else []
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        ways = [to for _, to in steps[at].answers] if steps[at].kind == "decide" else [steps[at].after]
        todo += [to for to in ways if to is not None]
    return [Fault(steps[at].line, "unreached") for at in range(len(steps)) if at not in seen]
