"""Refuse source files of more than 400 lines."""

import sys
from pathlib import Path

ENDINGS = {".py", ".js", ".css", ".html", ".sh"}
long = [
    (lines, path)
    for root in ("src", "tests", "tools", "benchmarks")
    for path in Path(root).rglob("*")
    if path.suffix in ENDINGS and "vendor" not in path.parts and path.is_file()
    if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
]
for lines, path in sorted(long, reverse=True):
    print(f"{path}: {lines} lines, at most 400")
sys.exit(bool(long))
