"""The engines: pure functions over frozen dataclasses and arrays.

They know nothing of Django, of the network, of the clock or of any global state: seeds and times are arguments.
Compiled kernels are kept on disk. Numba's own cache looks only at the file of the kernel that is called and misses a
change in one that it calls, so the folder is keyed by all the sources of the engines.
"""

import hashlib
import os
from pathlib import Path


def source_digest() -> str:
    """Return a short digest of every source of the engines: the version that a decision receipt keeps."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    # units.py too: kernels freeze the constants that they take from it
    for path in [root.parent / "units.py", *sorted(root.rglob("*.py"))]:
        digest.update(str(path.relative_to(root.parent)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


ENGINE_VERSION = source_digest()
"""Digest of the sources as they were when the process started."""

if "NUMBA_CACHE_DIR" not in os.environ:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    os.environ["NUMBA_CACHE_DIR"] = str(cache / "ressort" / "numba" / ENGINE_VERSION)
