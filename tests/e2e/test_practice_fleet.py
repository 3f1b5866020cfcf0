"""The whole of it: three tenants, two clouds, many providers, one proxy, and one newcomer.

They connect, find what has drifted, understand it, fix all like it, and prove it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from helpers.newcomer import Program, items
from helpers.practice import DRIFTED, PROXY_PASSWORD, PROXY_USER, Practice, practice
from sealwright.policy.digest import policy_hash

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the browser is a script")


@pytest.mark.parametrize("count", [9, pytest.param(500, marks=pytest.mark.long)])
def test_a_newcomer_finds_fixes_and_proves(tmp_path: Path, count: int) -> None:
    with practice(tmp_path / "world", count) as world:
        bundle = tmp_path / "both.pem"
        parts = [Path(name).read_text(encoding="utf-8") for name in world.ca_files]
        bundle.write_text("".join(parts), encoding="utf-8")
        program = Program(tmp_path, str(bundle))
        connect(program, world, tmp_path)
        understand(program, world, find(program, world))
        fix(program, world)
        prove(program, world)


def connect(program: Program, world: Practice, folder: Path) -> None:
    """Through the proxy, to both clouds, as three people."""
    password = folder / "proxy-password"
    password.write_text(f"{PROXY_PASSWORD}\n", encoding="utf-8")
    program(
        *("network", "set", "--proxy", world.proxy, "--proxy-user", PROXY_USER),
        *("--proxy-password-file", str(password), "--proxy-loopback"),
        *(word for name in world.ca_files for word in ("--ca-file", name)),
    )
    for cloud in world.clouds:
        program("cloud", "add", cloud.name, *cloud.options)
    for cloud_name, person in world.people:
        program.person(person)
        program("account", "add", "--cloud", cloud_name)
    assert len({one["tenant"] for one in items(program("account", "list"))}) == 3
    found = items(program("provider", "list", "--refresh"))
    assert {one["name"] for one in found} >= world.names
    assert {one["cloud"] for one in found} >= {cloud.name for cloud in world.clouds}
    checks = program("provider", "check", "fleet-001")["checks"]
    assert isinstance(checks, list)
    assert {one["id"]: one["status"] for one in checks}["proxy"] == "pass"


def find(program: Program, world: Practice) -> str:
    """Exactly those that differ from what the workspace says."""
    drift = program("fleet", "drift", str(world.workspace), code=1)
    assert differing(drift) == world.drifted
    return min(world.drifted)


def understand(program: Program, world: Practice, one: str) -> None:
    """What the difference means for whoever asks for a token."""
    wanted = str(world.workspace / "sgx.policy")
    found = program("policy", "diff", "--semantic", f"{one}:SgxEnclave", wanted, code=1)
    assert "x-ms-sgx-is-debuggable" in str(found)


def fix(program: Program, world: Practice) -> None:
    applied = items(program("fleet", "apply", str(world.workspace), "--yes"))
    assert {row["provider"] for row in applied} == world.drifted
    assert {row["state"] for row in applied} == {"proven"}


def prove(program: Program, world: Practice) -> None:
    """Nothing differs any more, and the log says from what to what, unbroken."""
    drift = program("fleet", "drift", str(world.workspace), "--refresh")
    assert differing(drift) == set()
    rows = items(program("activity", "list"))
    changed = [str(row["where"]) for row in rows if row["before"] == policy_hash(DRIFTED)]
    assert len(changed) >= len(world.drifted)
    assert program("activity", "verify")["valid"] is True


def differing(found: dict[str, object]) -> set[object]:
    rows = found["items"]
    assert isinstance(rows, list)
    return {row["provider"] for row in rows if row["state"] != "same"}
