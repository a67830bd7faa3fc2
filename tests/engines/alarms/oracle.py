"""Alarms computed again from the whole history at every second: slow, and plainly right."""

from __future__ import annotations

from ressort.engines.alarms import All, Change, Condition, Rate, Rule, Silent, Some, Threshold
from ressort.engines.alarms.rules import OPERATORS

History = dict[str, list[tuple[int, float]]]


def leaf_states(leaf: object, history: History, end: int) -> list[bool]:
    said = history.get(leaf.name, [])  # type: ignore[attr-defined]
    states, state = [], False
    for t in range(end + 1):
        known = [(at, value) for at, value in said if at <= t]
        if isinstance(leaf, Silent):
            state = t - (known[-1][0] if known else 0) >= leaf.after
        elif known and known[-1][0] == t:
            value = known[-1][1]
            if isinstance(leaf, Threshold):
                state = leaf.holds(value, before=state)
            elif isinstance(leaf, Rate):
                then = [v for at, v in known if at <= t - leaf.over]
                state = bool(then) and OPERATORS[leaf.operator](value - then[-1], leaf.level)
        states.append(state)
    return states


def condition_states(condition: Condition, history: History, end: int) -> list[bool]:
    if isinstance(condition, All | Some):
        parts = [condition_states(part, history, end) for part in condition.parts]
        join = all if isinstance(condition, All) else any
        return [join(column) for column in zip(*parts, strict=True)]
    return leaf_states(condition, history, end)


def judged(rule: Rule, history: History, end: int) -> list[Change]:
    states = condition_states(rule.condition, history, end)
    if rule.schedule:
        states = [state and rule.schedule.looks(t) for t, state in enumerate(states)]
    changes: list[Change] = []
    raised: int | None = None
    severity = 0
    for t in range(end + 1):
        if raised is None:
            first = t - int(rule.lasts)
            if first >= 0 and all(states[first : t + 1]):
                raised, severity = t, rule.severity
                changes.append(Change(t, "rule", "subject", "raised", severity))
        else:
            first = t - int(rule.clears)
            if first >= 0 and not any(states[first : t + 1]):
                changes.append(Change(t, "rule", "subject", "cleared", severity))
                raised = None
                continue
            for after, to in rule.rises:
                if t == raised + after:
                    severity = to
                    changes.append(Change(t, "rule", "subject", "risen", to))
    return changes
