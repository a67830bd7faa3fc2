"""Engines run with nothing of the web around: no Django, no database, no network."""

import subprocess
import sys

BLOCKED = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"django", "ninja", "sqlite3", "uvicorn", "valhalla", "osmium"}:
            raise ImportError(f"{name} is blocked")
sys.meta_path.insert(0, Block())
import pkgutil, importlib, ressort.engines
for module in pkgutil.walk_packages(ressort.engines.__path__, "ressort.engines."):
    importlib.import_module(module.name)
from ressort.engines.dispatch import warm
steps = []
warm(lambda step, done: steps.append(done))
print(steps, "django" in sys.modules)
"""


def test_every_engine_imports_and_runs_without_django():
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[0.0, 1.0, 0.0, 1.0] False"
