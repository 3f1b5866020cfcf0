"""Ctrl+C in the terminal, or a polite kill, closes the window in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_PATIENCE = 120.0


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_closes_the_window(tmp_path: Path, number: signal.Signals) -> None:
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    line = [sys.executable, "-m", "sealwright", "--home", str(tmp_path)]
    with subprocess.Popen(line, env=env, stderr=subprocess.PIPE) as process:
        _wait_for_window(process, tmp_path)
        process.send_signal(number)
        _, errors = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, errors
    assert b"Traceback" not in errors


def _wait_for_window(process: subprocess.Popen[bytes], home: Path) -> None:
    """Until it is painted and opens its services; any moment after that will do."""
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and not any(home.rglob("sandbox.db")):
        assert time.monotonic() < end
        time.sleep(0.1)
