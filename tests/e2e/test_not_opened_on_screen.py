"""Started from an icon on a home that cannot be used: a window says why, and closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.screen import Program, Screen, start_with_locator

if TYPE_CHECKING:
    from pathlib import Path

    from helpers.private_session import PrivateSession


def test_a_home_that_cannot_be_used_is_said_on_the_screen(
    session: PrivateSession, own_screen: Screen, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "a file, not a folder"
    in_the_way.write_text("")
    command = start_with_locator("--home", str(in_the_way / "home"))
    program = Program(session, command, own_screen.shots / "program.log")
    try:
        program.wait("Sealwright did not open", enabled=False)
        own_screen.shot("did-not-open")
        own_screen.click(program.wait_still("Close"))
        assert program.process.wait(60) == 3
    finally:
        program.stop()
    # Who did start it in a terminal reads it there.
    assert "cannot be used" in (own_screen.shots / "program.log").read_text()
