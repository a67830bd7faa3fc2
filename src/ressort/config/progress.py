"""What the terminal shows of a long work: bars for a person, lines for a log, nothing for a program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

say = Console(highlight=False, soft_wrap=True)


@contextmanager
def steps() -> Iterator[Any]:
    """Show the progress of a long work: yields ``progress(step, share done)``.

    Bars on a terminal; elsewhere a line as each step begins, so that a log tells where it stands.
    """
    if not say.is_terminal:
        begun: set[str] = set()

        def tell(step: str, _done: float) -> None:
            if step not in begun:
                begun.add(step)
                say.print(step)
                sys.stdout.flush()

        yield tell
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=say, transient=False) as bars:
        known: dict[str, Any] = {}

        def progress(step: str, done: float) -> None:
            if step not in known:
                for task in known.values():
                    bars.update(task, completed=1.0)
                known[step] = bars.add_task(step, total=1.0)
            bars.update(known[step], completed=done)

        yield progress
        for task in known.values():
            bars.update(task, completed=1.0)


@contextmanager
def silent() -> Iterator[Any]:
    """Show nothing."""
    yield lambda _step, _done: None
