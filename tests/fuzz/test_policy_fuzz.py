"""The long mode fuzzes the policy language for ten minutes, guided by coverage."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

_SECONDS = 600


@pytest.mark.long
def test_nothing_found_in_ten_minutes(tmp_path: Path) -> None:
    if find_spec("atheris") is None:
        pytest.skip("atheris is not installed")
    program = Path(__file__).with_name("fuzz_policy.py")
    options = [f"-max_total_time={_SECONDS}", "-max_len=120", f"-artifact_prefix={tmp_path}/"]
    run = subprocess.run(
        [sys.executable, program, *options], capture_output=True, text=True, check=False
    )
    found = [line for line in run.stderr.splitlines() if line.startswith(("TEXT", "SUMMARY"))]
    assert run.returncode == 0, found or run.stderr[-2_000:]
