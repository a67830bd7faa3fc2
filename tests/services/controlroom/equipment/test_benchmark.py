"""``benchmarks/commands.py``, with fewer commands: what it promises holds, and what it prints can be read."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[4] / "benchmarks/commands.py"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_few_hundred_commands_end_once():
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--commands", "200", "--clicks", "3"],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["asked"] >= 200
    assert sum(told["ends"].values()) == told["commands_with_fallbacks"]
    assert told["ends"]["confirmed"] > 10
    assert told["lies_missed"] == told["false_accusations"] == 0
    assert told["click_to_confirmed_p50_s"] > told["of_which_the_device_itself_s"]
