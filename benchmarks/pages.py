"""First paint and blocking scripts of every public page, in a real browser on a running demonstration.

    .venv/bin/python benchmarks/pages.py --url http://127.0.0.1:8000

The pages are the public screens of ``tools/scenes.py``: those that no address alone opens (offers, a trip, a receipt,
a report's follow-up) are come to once as a person does, then opened anew by the address they have.

First paint is the browser's own ``first-contentful-paint``; blocking time is what each long task takes past 50 ms,
summed until the page is quiet (the definition of Total Blocking Time). Nothing is kept from one visit to the next.
``WebGL ms`` is what the browser itself spends in the map's graphics calls, most of it to open a context and to compile
shaders: up to a second where a processor plays the graphics card. It is shown beside, and stays counted in what blocks.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

from scenes import SCENES
from shots import FLAGS, Camera

BOUNDS = {"paint_ms": 1500, "blocking_ms": 200, "kb": 150}
PHONE = {"width": 390, "height": 844}
WATCH = """() => { window.blocked = 0; new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.blocked += Math.max(0, task.duration - 50);
}).observe({ type: "longtask", buffered: true });
    window.opened = 0; const timed = (on, name) => { const real = on[name]; on[name] = function (...asked) {
        const from = performance.now();
        try { return real.apply(this, asked); } finally { window.opened += performance.now() - from; } }; };
    timed(HTMLCanvasElement.prototype, "getContext");
    const calls = Object.getOwnPropertyDescriptors(WebGL2RenderingContext.prototype);
    for (const name in calls) if (typeof calls[name].value === "function") timed(WebGL2RenderingContext.prototype, name); }"""


def visit(browser: Any, url: str) -> dict[str, float]:
    """Open a page with empty caches; return milliseconds and kilobytes."""
    context = browser.new_context(viewport=PHONE, locale="fr-FR")
    context.add_init_script(f"({WATCH})()")
    page = context.new_page()
    page.goto(url, wait_until="networkidle")
    found = page.evaluate(
        """() => ({ paint_ms: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
        blocking_ms: window.blocked, webgl_ms: window.opened,
        kb: performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
            .reduce((sum, one) => sum + one.transferSize, 0) / 1000 })"""
    )
    context.close()
    return dict(found)


def addresses(browser: Any, url: str, only: list[str]) -> dict[str, str]:
    """Return the address of each public screen, come to as a person does; one that several share is kept once."""
    camera = Camera(browser, url, Path())
    camera.prepare()
    page, found = camera.open("phone"), {}
    for name, (person, act) in SCENES.items():
        if not person and (not only or name in only):
            act(camera, page)
            if page.url not in found.values():
                found[name] = page.url
    for (
        one
    ) in camera.pages.values():  # nothing else is drawn while a page is measured, and the town stands still
        one.context.close()
    return found


def main() -> None:
    """Print the median of each figure for each page, and whether it is within the bounds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], metavar="SCREEN")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        raise SystemExit("No Chromium here (Debian: apt install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        visit(browser, f"{asked.url}/")  # the server's own first time
        rows = {}
        for name, url in addresses(browser, asked.url, asked.only).items():
            seen = [visit(browser, url) for _ in range(asked.runs)]
            rows[name] = {figure: round(median(one[figure] for one in seen), 1) for figure in seen[0]}
        browser.close()
    if asked.json:
        print(json.dumps(rows))
        return
    print(f"{'page':18}{'first paint ms':>16}{'blocking ms':>14}{'WebGL ms':>11}{'kB':>8}")
    for name, row in rows.items():
        over = [figure for figure, bound in BOUNDS.items() if row[figure] > bound]
        print(
            f"{name:18}{row['paint_ms']:16.0f}{row['blocking_ms']:14.0f}{row['webgl_ms']:11.0f}{row['kb']:8.0f}  {', '.join(over)}"
        )


if __name__ == "__main__":
    main()
