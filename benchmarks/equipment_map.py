"""A metropolis of equipment on the operator's map: first paint, script in each frame, features drawn.

    .venv/bin/python benchmarks/equipment_map.py [--assets 35000] [--seconds 20]

A demonstration is prepared in a folder of its own, the equipment is added around its communes, each with a device that
has spoken, and an operator opens the map at 1440 by 900 in a real browser: drags it, zooms in to the street and out again.
``script_ms`` is what the page's own code takes in a frame (animation callbacks and the messages of the map's workers),
without the time inside WebGL calls, which a graphics card spends and a processor plays here; it is shown beside.
``drawn`` counts the features of the equipment's layers on screen, clusters included, at their most.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

KINDS = (
    ("street_light", 0.966), ("signal_junction", 0.0035), ("bollard", 0.001), ("message_sign", 0.002),
    ("traffic_counter", 0.01), ("air_sensor", 0.0025), ("car_park", 0.001), ("camera", 0.008), ("vehicle", 0.006),
)  # fmt: skip
BOUNDS = {"first_paint_ms": 2000, "script_ms_p95": 8, "drawn": 2000}
DESK = {"width": 1440, "height": 900}
WATCH = """() => {
    const seen = (window.seen = { frames: [], gl: [], spent: 0, inside: 0 });
    const timed = (on, name) => { const real = on[name]; on[name] = function (...asked) {
        const from = performance.now();
        try { return real.apply(this, asked); } finally { seen.inside += performance.now() - from; } }; };
    timed(HTMLCanvasElement.prototype, "getContext");
    const calls = Object.getOwnPropertyDescriptors(WebGL2RenderingContext.prototype);
    for (const name in calls) if (typeof calls[name].value === "function") timed(WebGL2RenderingContext.prototype, name);
    const counted = (run) => function (...asked) {
        const from = performance.now(), gl = seen.inside;
        try { return run.apply(this, asked); } finally { seen.spent += performance.now() - from - (seen.inside - gl); } };
    const ask = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (run) => ask(counted(run));
    const listen = MessagePort.prototype.addEventListener;
    const onmessage = Object.getOwnPropertyDescriptor(Worker.prototype, "onmessage");
    Object.defineProperty(Worker.prototype, "onmessage", { ...onmessage, set(run) { onmessage.set.call(this, counted(run)); } });
    const add = Worker.prototype.addEventListener;
    Worker.prototype.addEventListener = function (kind, run, ...more) { return add.call(this, kind, counted(run), ...more); };
    let before = { spent: 0, inside: 0 };
    const tick = () => { seen.frames.push(seen.spent - before.spent); seen.gl.push(seen.inside - before.inside);
        before = { spent: seen.spent, inside: seen.inside }; ask(tick); };
    ask(tick);
    document.addEventListener("map:ready", ({ detail }) => { window.shown = detail.map; });
}"""
DRAWN = """() => window.shown.queryRenderedFeatures({ layers: window.shown.getStyle().layers
    .filter((layer) => /^layer-equipment/.test(layer.source ?? "") && /^layer-equipment-[a-z]+(-many)?$/.test(layer.id))
    .map((layer) => layer.id) }).length"""


def main() -> None:
    """Prepare, serve, look and sum up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--assets", type=int, default=35_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--keep", type=Path, help="a folder to prepare once and use again")
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="equipment-map-"))
    os.environ |= {"RESSORT_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "ressort.config.settings"}
    ressort = [sys.executable, "-m", "ressort.cli"]
    if not (folder / "filled").exists():
        subprocess.run([*ressort, "demo", "--prepare-only", "--riders", "0"], check=True)
        fill(asked.assets)
        (folder / "filled").touch()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "said").open("w") as said:
        server = subprocess.Popen([*ressort, "demo", "--port", str(port)], stdout=said)
    try:
        while "Ressort tourne" not in (folder / "said").read_text(encoding="utf-8"):
            if server.poll() is not None:
                raise SystemExit("the server stopped")
            time.sleep(0.2)
        print(json.dumps(look(f"http://127.0.0.1:{port}", asked.seconds), indent=1))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)
        if not asked.keep:
            shutil.rmtree(folder)


def fill(count: int) -> None:
    """Add the equipment, around the communes by their size, each piece with a device that has just spoken."""
    import django

    django.setup()
    from ressort.core.accounts.models import Organisation
    from ressort.core.clock import service_now
    from ressort.core.intake.models import Device, Latest, Series
    from ressort.services.controlroom.equipment.kinds import KINDS as CLASSES
    from ressort.services.controlroom.equipment.models import Asset
    from ressort.twin.town import facts

    chance, home = random.Random(1), Organisation.objects.get(name="Ressort Mobilités")
    now = int(service_now().timestamp() * 1000)
    towns = list(facts.COMMUNES)
    weights = [town.population for town in towns]
    classes = chance.choices([kind for kind, _ in KINDS], [share for _, share in KINDS], k=count)
    devices = Device.objects.bulk_create(
        [Device(code=f"bench-{n}", created=service_now()) for n in range(count)], batch_size=2000
    )
    rows, series = [], []
    for n, (kind, device) in enumerate(zip(classes, devices, strict=True)):
        town = chance.choices(towns, weights)[0]
        lon, lat = chance.gauss(town.lon, 0.014), chance.gauss(town.lat, 0.009)
        rows.append(Asset(code=f"bench-{n}", kind=kind, name=f"Équipement {n}", organisation=home,
                          lon=lon, lat=lat, device=device))  # fmt: skip
        state = next(spec for spec in CLASSES[kind].observes if spec.observed == CLASSES[kind].state)
        series.append(
            Series(device=device, observed=state.observed, kind=state.kind, choices=list(state.choices))
        )
    Asset.objects.bulk_create(rows, batch_size=2000)
    series = Series.objects.bulk_create(series, batch_size=2000)
    heard = [Latest(series=one, at=now, value=0, quality=0, received=now) for one in series]
    Latest.objects.bulk_create(heard, batch_size=2000)


def look(url: str, seconds: float) -> dict[str, Any]:
    """Open the map as an operator, move it for a while, and return the figures."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not chromium:
        raise SystemExit("No Chromium here (Debian: apt install chromium).")
    flags = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        context = browser.new_context(base_url=url, viewport=DESK, locale="fr-FR")
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.goto("/connexion/?next=/algorithmes/")
        page.get_by_label("Adresse électronique").first.fill("oscar@demo.ressort")
        page.get_by_label("Mot de passe", exact=True).fill("ressort-demo")
        page.get_by_role("button", name="Me connecter").click()
        page.wait_for_url(f"{url}/algorithmes/")
        paints = []
        for number in range(4):  # the first one is the server's own first time
            seen = context.new_page()
            if number == 3:
                seen.add_init_script(f"({WATCH})()")
            seen.goto("/console/poste/")
            seen.wait_for_selector("[data-map][data-ready]")
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            paints.append(seen.evaluate(paint))
            if number < 3:
                seen.close()
        seen.bring_to_front()
        seen.wait_for_timeout(6000)
        seen.evaluate("window.seen.frames.length = 0; window.seen.gl.length = 0")
        drawn, box = [], seen.locator("[data-map]").first.bounding_box()
        middle = box["x"] + box["width"] * 0.45, box["y"] + box["height"] * 0.5
        until, step = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            seen.mouse.move(*middle)
            if step % 6 == 5:
                seen.mouse.wheel(0, -700 if step % 48 < 24 else 700)
            else:
                seen.mouse.down()
                for n in range(1, 13):
                    seen.mouse.move(middle[0] + (18 * n if step % 2 else -18 * n), middle[1] + 6 * n)
                seen.mouse.up()
            drawn.append(seen.evaluate(DRAWN))
            step += 1
        frames, gl = seen.evaluate("[window.seen.frames, window.seen.gl]")
        zoom = seen.evaluate("window.shown.getZoom()")
        browser.close()
    frames.sort()
    gl.sort()
    at = lambda rows, share: round(rows[min(len(rows) - 1, int(len(rows) * share))], 2)  # noqa: E731
    found = {
        "first_paint_ms": round(sorted(paints[1:])[1]), "first_paint_cold_ms": round(paints[0]), "frames": len(frames),
        "script_ms_p50": at(frames, 0.5), "script_ms_p95": at(frames, 0.95), "script_ms_max": at(frames, 1),
        "webgl_ms_p50": at(gl, 0.5), "drawn": max(drawn), "zoom": round(zoom, 1), "load": os.getloadavg()[0],
    }  # fmt: skip
    return found | {"over": [name for name, bound in BOUNDS.items() if found[name] > bound]}


if __name__ == "__main__":
    main()
