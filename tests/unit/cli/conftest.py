"""Fixtures of the command line's tests."""

from __future__ import annotations

import pytest

from helpers.command_line import CommandLine


@pytest.fixture
def sw(capsysbinary: pytest.CaptureFixture[bytes]) -> CommandLine:
    """`sealwright …` over services in memory."""
    return CommandLine(capsysbinary)
