"""A server of its own and Debian's Chromium. Skips, with the reason, where there is no browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Error

from tests.e2e.server import Server

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = next(
    filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), ""
)
FLAGS = [
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-gpu-compositing",  # only maps need WebGL: pages are drawn several times faster without
    "--disable-dev-shm-usage",
    "--no-sandbox",
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
READER = {
    "locale": "fr-FR",
    "reduced_motion": "reduce",  # nothing here looks at a glide
    "device_scale_factor": 0.5,  # a quarter of the pixels of each map, the same layout
}
PATIENCE = 90_000  # milliseconds: a map drawn by the processor, on a machine that does other things too
READY = 180.0  # seconds for the town to be built and served


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here; skip it, with the reason, where it cannot run."""
    here = Path(__file__).parent
    reason = "" if CHROMIUM else "no Chromium here (Debian: apt install chromium)"
    if not (ROOT / "src/ressort/web/static/vendor/maplibre-gl").exists():
        reason = "front-end packages are not installed (tools/front.py)"
    for item in items:
        if here in Path(item.path).parents:
            item.add_marker(pytest.mark.e2e)
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve Valmont-sur-Ressort; yield its address once it answers."""
    folder = tmp_path_factory.mktemp("valmont")
    env = {
        **os.environ,
        "RESSORT_DATA": str(folder),
        "RESSORT_SECRET_KEY": "tests-only",
        "RESSORT_DEBUG": "0",
    }
    command = [sys.executable, "-u", "-m", "tests.e2e.town", "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said: list[str] = []
    address: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                said.append(line)
                if found := re.search(r"running on (http://\S+)", line):
                    address.append(found[1])
                    ready.set()
        ready.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    try:
        assert ready.wait(READY), "the server was not ready in time:\n" + "".join(said[-30:])
        assert address, "the server stopped:\n" + "".join(said[-30:])
        yield address[0]
    finally:
        process.terminate()
        process.wait(timeout=20)
        listener.join(timeout=5)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Build the demonstration on the small town once for all workers; return the folder to copy."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "made"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "done").exists():
            town = Server(folder)
            town.start()
            town.stop()
            (folder / "done").touch()
    return folder / "var"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, closed with the module: an open one would leave its event loop to the tests that follow."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def visit(browser: Any, server: str) -> Iterator[Callable[..., Any]]:
    """Return ``visit(path, person="diane", size=PHONE, theme="light")``: a page, signed in if asked.

    A script error on any page fails the test.
    """
    from tests.worlds import PASSWORD

    contexts: list[Any] = []
    broken: list[str] = []

    def open_page(
        path: str, person: str = "", size: dict[str, int] = PHONE, theme: str = "light", **more: Any
    ) -> Any:
        context = browser.new_context(
            base_url=server, viewport=size, color_scheme=theme, bypass_csp=False, **{**READER, **more}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        context.add_cookies([{"name": "theme", "value": theme, "url": server}])
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        if person:
            page.goto("/connexion/?next=/algorithmes/")
            page.get_by_label("Adresse électronique").first.fill(f"{person}@valmont.test")
            page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Me connecter").click()
            page.wait_for_url("**/algorithmes/")
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        for page in context.pages:
            _leave(page)
    assert broken == []


def _leave(page: Any) -> None:
    """End the streams of a page: closing a context can wait for ever on a software GPU.

    A page that was just going somewhere by itself is left once it is there.
    """
    try:
        page.goto("about:blank")
    except Error:
        page.wait_for_load_state()
        page.goto("about:blank")


SMALL = {"width": 320, "height": 640}  # 1280 px at 400 %: WCAG 1.4.10
ZOOMED = {"width": 720, "height": 450}  # a desk at 200 %: WCAG 1.4.4
PAINT = """async (theme) => {
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("theme:changed"));
    for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
    for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
}"""
WIDE = """() => [document.documentElement, ...document.querySelectorAll(".stage")]
    .some((one) => one.scrollWidth > one.clientWidth + 1)"""


@pytest.fixture
def accessible() -> Callable[..., None]:
    """Return a check that axe finds nothing to say about a page (WCAG 2.2 AA and good practice)."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed (npm ci)")
    script = AXE.read_text(encoding="utf-8")
    rules = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]

    def check(page: Any, only: list[str] | None = None) -> None:
        page.wait_for_load_state("domcontentloaded")
        if not page.evaluate("'axe' in window"):
            page.evaluate(script)
        asked = {"type": "rule", "values": only} if only else {"type": "tag", "values": rules}
        found = page.evaluate("asked => axe.run({ runOnly: asked })", asked)
        said = [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]]
        assert said == []

    return check


@pytest.fixture
def in_every_shape(accessible: Callable[..., None]) -> Callable[[Any], list[str]]:
    """Return a look at a page that is open: what axe says of it in every shape, and where it is wider than the screen.

    The page is loaded once; then its size and its theme are changed, as a person does. A change of theme only changes
    colours: there axe reads only the contrasts.
    """

    def look(page: Any) -> list[str]:
        page.wait_for_load_state("domcontentloaded")  # a map that waits to be asked for says so by then
        if page.locator("[data-map]:not([data-waits]):visible").count():
            page.wait_for_selector("[data-map][data-ready]")
        wrong = []
        for size, name in ((PHONE, "phone"), (DESK, "desk")):
            page.set_viewport_size(size)
            for theme, rules in (("light", None), ("dark", ["color-contrast"])):
                page.evaluate(PAINT, theme)
                try:
                    accessible(page, rules)
                except AssertionError as error:
                    wrong.append(f"{name} {theme}: {str(error).splitlines()[0]}")
                if page.evaluate(WIDE):
                    wrong.append(f"{name} {theme}: wider than the screen")
        for size, name in ((SMALL, "320 px"), (ZOOMED, "200 %")):
            page.set_viewport_size(size)
            if page.evaluate(WIDE):
                wrong.append(f"{name}: wider than the screen")
        page.evaluate(PAINT, "light")
        page.set_viewport_size(PHONE)
        return wrong

    return look


def until(page: Any, expression: str) -> None:
    """Wait until an expression is true in a page whose rules forbid the browser to evaluate text by itself."""
    for _ in range(int(PATIENCE / 100)):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never true: {expression}")
