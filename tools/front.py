"""Copy the front-end packages that the pages use from ``node_modules`` to the static files.

Run after ``npm ci``; nothing is fetched here and nothing else of ``node_modules`` is served. Running it again
changes nothing. Every package keeps its licence beside its files.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules"
TARGET = ROOT / "src" / "ressort" / "web" / "static" / "vendor"

FONT = "@fontsource-variable/atkinson-hyperlegible-next"
FILES = {
    "maplibre-gl/dist/maplibre-gl.mjs": "maplibre-gl/maplibre-gl.mjs",
    "maplibre-gl/dist/maplibre-gl-worker.mjs": "maplibre-gl/maplibre-gl-worker.mjs",
    "maplibre-gl/dist/maplibre-gl.css": "maplibre-gl/maplibre-gl.css",
    "maplibre-gl/LICENSE.txt": "maplibre-gl/LICENSE.txt",
    f"{FONT}/files/atkinson-hyperlegible-next-latin-wght-normal.woff2": "atkinson/latin.woff2",
    f"{FONT}/files/atkinson-hyperlegible-next-latin-wght-italic.woff2": "atkinson/latin-italic.woff2",
    f"{FONT}/files/atkinson-hyperlegible-next-latin-ext-wght-normal.woff2": "atkinson/latin-ext.woff2",
    f"{FONT}/LICENSE": "atkinson/LICENSE.txt",
    "idiomorph/dist/idiomorph-ext.min.js": "idiomorph/idiomorph-ext.js",
    "idiomorph/LICENSE": "idiomorph/LICENSE.txt",
    "uplot/dist/uPlot.esm.js": "uplot/uPlot.js",
    "uplot/dist/uPlot.min.css": "uplot/uPlot.css",
    "uplot/LICENSE": "uplot/LICENSE.txt",
    "@etalab/decoupage-administratif/data/communes.json": "decoupage-administratif/communes.json",
    "@etalab/decoupage-administratif/data/epci.json": "decoupage-administratif/epci.json",
    "@etalab/decoupage-administratif/LICENSE": "decoupage-administratif/LICENSE.txt",
}
# The maps of minified sources are not served, and the static manifest refuses a link to a missing file.
_SOURCE_MAP = re.compile(rb"\n?//# sourceMappingURL=\S+\s*$")


def copy(source: Path, target: Path) -> bool:
    """Copy one file if it differs; return whether it did."""
    data = source.read_bytes()
    if target.suffix in {".js", ".mjs"}:
        data = _SOURCE_MAP.sub(b"\n", data)
    if target.exists() and target.read_bytes() == data:
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return True


def main() -> int:
    """Copy every file, then say what was done; 1 if a package is missing."""
    missing = [name for name in FILES if not (SOURCE / name).exists()]
    if missing:
        print("front: missing in node_modules (run `npm ci` first):", *missing, sep="\n  ", file=sys.stderr)
        return 1
    changed = sum(copy(SOURCE / name, TARGET / target) for name, target in FILES.items())
    print(f"front: {len(FILES)} files in {TARGET.relative_to(ROOT)}, {changed} changed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
