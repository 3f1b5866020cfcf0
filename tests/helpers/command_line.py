"""Runs commands in this process over services in memory."""

from __future__ import annotations

import json
import sys
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpers.simulators import SimulatedMachines, World
from sealwright.cli.dispatch import run
from sealwright.evidence.basis.trust import TrustAnchor, parse_anchors
from sealwright.store.resources import resource
from sealwright.vault.key_file import read_key_file

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import AsyncIterator, Iterator

    import pytest

    from sealwright.secret import Secret
    from sealwright.services.bundle import Services
    from sealwright.services.ports import PretendedMachines, Signer


class SimulatedCommandWorld:
    """The port `World` of the command line over `helpers.simulators.World`."""

    def __init__(self) -> None:
        self.world = World()
        self.homes: list[str | None] = []

    @asynccontextmanager
    async def services(self, home: str | None) -> AsyncIterator[Services]:
        self.homes.append(home)
        services = self.world.services()
        await self.world.accounts.load()
        yield services

    def key_file_signer(
        self, key: bytes, certificates: bytes, passphrase: Secret[str] | None
    ) -> Signer:
        return read_key_file(key, certificates, passphrase)

    def resource(self, name: str) -> bytes:
        return resource(name).read_bytes()

    def anchors(self, home: str | None) -> tuple[TrustAnchor, ...]:
        del home
        return parse_anchors(self.resource("trust/anchors.json"))

    def anchors_file(self, home: str | None) -> str:
        return f"{home}/trust-anchors.json"

    @contextmanager
    def machines(self, home: str | None) -> Iterator[PretendedMachines | None]:
        del home
        yield SimulatedMachines()

    def program(self) -> list[str]:
        return [sys.executable, "-m", "sealwright"]

    def sandbox(self, home: str | None, command: str, arguments: Namespace) -> int:
        del home, command, arguments
        raise KeyboardInterrupt


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode("utf-8")

    @property
    def json(self) -> dict[str, object]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> dict[str, object]:
        found = self.json["error"]
        assert isinstance(found, dict)
        return found


class CommandLine:
    """`sealwright …` over services in memory."""

    def __init__(self, capture: pytest.CaptureFixture[bytes]) -> None:
        self.outside = SimulatedCommandWorld()
        self._capture = capture

    @property
    def world(self) -> World:
        return self.outside.world

    def __call__(self, *arguments: str) -> Ran:
        self._capture.readouterr()
        code = run(list(arguments), self.outside)
        seen = self._capture.readouterr()
        return Ran(code, seen.out, seen.err.decode("utf-8"))
