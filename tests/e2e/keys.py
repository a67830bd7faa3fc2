"""What somebody without a mouse does."""

from __future__ import annotations

from typing import Any


def tab_to(page: Any, wanted: Any) -> None:
    """Move the focus with the Tab key alone, as somebody without a mouse does."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab never reaches {wanted}")


def pick(page: Any, label: str, typed: str, wanted: str) -> None:
    """Choose a place in a picker with the keys."""
    box = page.get_by_role("combobox", name=label)
    tab_to(page, box)
    page.keyboard.type(typed)
    shown = page.locator(f"#{box.get_attribute('aria-controls')} .option")
    shown.filter(has_text=wanted).first.wait_for()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
        if shown.filter(has_text=wanted).and_(page.locator("[aria-selected=true]")).count():
            break
    page.keyboard.press("Enter")
    assert wanted in box.input_value()


def reads(page: Any, words: str | Any, **how: Any) -> None:
    """Wait until the page says these words: its own, not the journal's, which repeats them."""
    page.get_by_text(words, **how).and_(page.locator(":not(#journal *)")).first.wait_for()
