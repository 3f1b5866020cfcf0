"""The main job in the real window, by mouse and keyboard only, from first start to roll back."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, assert_never

import pytest

from helpers.screen import Program, Screen, start_with_locator
from sealwright.desktop.selftest.script import MAIN_JOB, Click, Fill, Press, See, Shot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from helpers.private_session import PrivateSession
    from sealwright.desktop.selftest.script import Act

_X_KEYS = {"Ctrl+A": "ctrl+a", "Ctrl+End": "ctrl+End", "Return": "Return", "Escape": "Escape"}


@pytest.fixture
def home(session: PrivateSession) -> Path:
    return session.home / "sealwright"


@pytest.fixture
def program(session: PrivateSession, own_screen: Screen, home: Path) -> Iterator[Program]:
    command = start_with_locator("--home", str(home))
    started = Program(session, command, own_screen.shots / "program.log")
    yield started
    started.stop()


def _do(act: Act, program: Program, screen: Screen) -> None:
    match act:
        case Click():
            screen.click(program.wait_still(act.name, act.role))
        case See():
            program.wait(act.name, act.role, enabled=False)
        case Fill():
            screen.type(act.text)
        case Press():
            screen.key(_X_KEYS[act.keys])
        case Shot():
            screen.shot(act.title)
        case _:
            assert_never(act)


def _command(session: PrivateSession, home: Path, *words: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "sealwright", "--home", str(home), "--format", "json", *words],
        env=session.env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_main_job_by_mouse_and_keyboard(
    session: PrivateSession, own_screen: Screen, home: Path, program: Program
) -> None:
    for stage in MAIN_JOB:
        for act in stage.acts:
            try:
                _do(act, program, own_screen)
            except AssertionError:
                own_screen.shot(f"stopped-in-{stage.id}")
                raise
    own_screen.key("ctrl+q")
    assert program.process.wait(120) == 0

    # What the window said is asked again, by another program on the same home.
    shown = _command(session, home, "policy", "show", "contoso-prod", "--type", "SgxEnclave")
    assert "Release builds of the payment enclave only" in str(shown["text"])
    signers = _command(session, home, "signer", "list", "contoso-prod")
    assert len(json.loads(json.dumps(signers["items"]))) == 2
    log = _command(session, home, "activity", "list")
    assert "roll" in json.dumps(log).lower()
