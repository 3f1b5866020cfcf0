"""The workspace file: what it says, and that nothing misspelt in it is left out."""

from __future__ import annotations

from contextlib import suppress

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.simulators import World
from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UsageError
from sealwright.services.fleet.targets import resolve
from sealwright.services.fleet.workspace import (
    Assignment,
    Limits,
    Selector,
    Workspace,
    parse_workspace,
    workspace_text,
)
from sealwright.services.model import TrustModel

SGX, TDX = AttestationType.SGX_ENCLAVE, AttestationType.TDX_VM
WHOLE = b"""\
version: 1
apply: {parallel: 2, onFailure: carry-on}
assignments:
- providers: ["contoso-*", "https://x.weu.attest.azure.net/"]
  where: {trustModel: Isolated, location: West Europe, cloud: Azure public, tags: {env: prod}}
  key: signer
  policies: {sgx: policies/a.policy, TdxVm: default}
"""


def test_a_whole_file_is_read() -> None:
    found = parse_workspace(WHOLE, "/w")
    assert found.limits == Limits(2, carry_on=True)
    (only,) = found.assignments
    assert only.policies == {SGX: "policies/a.policy", TDX: "default"}
    assert only.key == "signer"
    assert only.selector.providers == ("contoso-*", "https://x.weu.attest.azure.net")
    assert only.selector.trust_model is TrustModel.ISOLATED
    assert only.selector.location == "westeurope"
    assert found.paths() == ("policies/a.policy",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((b"version: 1", b"version: 2"), "version: 1"),
        ((b"assignments:", b"asignments:"), "`asignments` is not known"),
        ((b"key: signer", b"kye: signer"), "`assignments[1].kye` is not known"),
        ((b"trustModel: Isolated", b"trustModel: isolated"), "no trust model"),
        ((b"sgx: policies", b"sgz: policies"), "`sgz`"),
        ((b"policies/a.policy", b"../a.policy"), "inside the workspace"),
        ((b"policies/a.policy", b"/etc/a.policy"), "inside the workspace"),
        ((b"policies/a.policy", b"c:/a.policy"), "inside the workspace"),
        ((b"parallel: 2", b"parallel: 0"), "from 1 to"),
        ((b"carry-on", b"ignore"), "`stop` or `carry-on`"),
        ((b"sgx: policies/a.policy", b"sgx: 3"), "something else than texts"),
        ((b"TdxVm: default", b"SgxEnclave: default"), "twice"),
        ((b"key: signer", b"key: [signer]"), "no text"),
        ((b"version: 1", b"version: {"), "is not YAML: line "),
        ((b"version: 1", b"version: \xff"), "is not YAML: byte 10 "),
        ((b"version: 1", b"version: 2026-99-99"), "is not YAML: month must be in 1..12."),
    ],
)
def test_what_is_wrong_is_named(change: tuple[bytes, bytes], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_workspace(WHOLE.replace(*change), "/w")
    assert says in caught.value.summary


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(UsageError):
        parse_workspace(data, "/w")


def test_what_is_written_is_read_back() -> None:
    selector = Selector(("a*",), TrustModel.AAD, "sandbox", "Sandbox", {"env": "prod"})
    kept = Workspace("/w", (Assignment(selector, {SGX: "p/a.policy"}, "k"),), Limits(7))
    assert parse_workspace(workspace_text(kept), "/w") == kept


def _workspace(*assignments: Assignment) -> Workspace:
    return Workspace("/w", assignments)


def test_assignments_find_their_providers_in_the_order_of_the_file() -> None:
    world = World()
    providers = tuple(world.directory.kept.values())
    workspace = _workspace(
        Assignment(Selector(("open",)), {SGX: "a"}),
        Assignment(Selector(("*",), TrustModel.ISOLATED), {SGX: "b", TDX: "default"}),
        Assignment(Selector(("nobody",)), {SGX: "a"}),
    )
    found = resolve(workspace, providers, {"a": b"one", "b": b"two"})
    assert [each.wanted.path for each in found.targets] == ["a", "b", "default"]
    assert found.empty == ("nobody",)


def test_contradicting_assignments_are_refused() -> None:
    providers = tuple(World().directory.kept.values())
    workspace = _workspace(
        Assignment(Selector(("open",)), {SGX: "a"}), Assignment(Selector(("*",)), {SGX: "b"})
    )
    with pytest.raises(UsageError, match="Two assignments") as caught:
        resolve(workspace, providers, {"a": b"one", "b": b"two"})
    assert "`open`" in caught.value.summary


def test_a_policy_that_is_no_text_is_refused() -> None:
    workspace = _workspace(Assignment(Selector(("*",)), {SGX: "a"}))
    with pytest.raises(UsageError, match="not UTF-8"):
        resolve(workspace, (), {"a": b"\xff"})


def test_a_folder_without_a_workspace_says_how_to_make_one() -> None:
    with pytest.raises(UsageError) as caught:
        anyio.run(World().services().fleet.open, "/nowhere")
    assert "fleet init" in caught.value.hint


@pytest.mark.parametrize("path", ["sealwright.yaml", "p.policy"])
def test_an_unfinished_merge_is_named(path: str) -> None:
    world = World()
    kept = world.files.kept
    kept |= {
        "/w/sealwright.yaml": b"version: 1\nassignments:\n"
        b"- providers: [open]\n  policies: {sgx: p.policy}\n",
        "/w/p.policy": b"version= 1.0;authorizationrules{=> permit();};issuancerules{};\n",
    }
    anyio.run(world.services().fleet.open, "/w")
    kept[f"/w/{path}"] += b"<<<<<<< HEAD\n=======\n# theirs\n>>>>>>> other\n"
    line = kept[f"/w/{path}"][: kept[f"/w/{path}"].index(b"<")].count(b"\n") + 1
    with pytest.raises(UsageError, match=f"`{path}` is unfinished: line {line} ") as caught:
        anyio.run(world.services().fleet.open, "/w")
    assert "take the marks out" in caught.value.hint
