"""A workspace folder: its file, the policies it names, and the policy tests beside them."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from sealwright.errors import AppError, PolicyError, StorageError, UsageError
from sealwright.services.fleet.workspace import FILE_MOST, FILE_NAME, parse_workspace
from sealwright.services.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.policy.policy_tests import PolicyTests
    from sealwright.services.evidence.evidence import EvidenceService
    from sealwright.services.fleet.workspace import Workspace
    from sealwright.services.ports import Files
    from sealwright.services.reference import Reference

_POLICY_MOST: Final = 16 * 2**20
_TEST_ENDING: Final = ".policytest.yaml"
_OURS: Final = re.compile(rb"^<{7} ", re.MULTILINE)
_THEIRS: Final = re.compile(rb"^>{7} ", re.MULTILINE)
"""The marks that git puts around what both sides changed."""
_OUTSIDE: Final = "../"


@dataclass(frozen=True, slots=True)
class OpenedWorkspace:
    """A workspace and the bytes of the policies it names, by path."""

    workspace: Workspace
    documents: Mapping[str, bytes]


async def open_workspace(folder: str, files: Files) -> OpenedWorkspace:
    """Read a workspace whole: what it names must be there before anything is compared.

    Raises:
        UsageError: the folder, its file or a named policy cannot be read, or is not what it
            must be.
    """
    folder = folder.rstrip("/\\") or folder
    try:
        data = await files.read(f"{folder}/{FILE_NAME}", limit=FILE_MOST)
    except StorageError as error:
        raise UsageError(
            f"`{folder}` is no workspace: {error.summary}",
            hint=f"A workspace is a folder with `{FILE_NAME}`; `sealwright fleet init` makes one.",
        ) from error
    _require_merged(FILE_NAME, data)
    workspace = await anyio.to_thread.run_sync(parse_workspace, data, folder)
    try:
        documents = {
            path: await files.read(f"{folder}/{path}", limit=_POLICY_MOST)
            for path in workspace.paths()
        }
    except StorageError as error:
        raise UsageError(
            f"`{FILE_NAME}` names a policy that cannot be read: {error.summary}", hint=error.hint
        ) from error
    for path, document in documents.items():
        _require_merged(path, document)
    return OpenedWorkspace(workspace, documents)


def _require_merged(path: str, data: bytes) -> None:
    """Both sides of a merge are no policy, and its marks no mistake of whoever wrote it."""
    begun = _OURS.search(data)
    if begun is None or _THEIRS.search(data, begun.end()) is None:
        return
    line = data.count(b"\n", 0, begun.start()) + 1
    raise UsageError(
        f"The merge of `{path}` is unfinished: line {line} begins with `<<<<<<<`.",
        hint="Keep what shall hold and take the marks out, then try again.",
    )


async def failing_tests(
    opened: OpenedWorkspace, files: Files, reference: Reference, evidence: EvidenceService
) -> dict[str, tuple[str, ...]]:
    """Run the policy tests of the folder that are about its policies; the failing ones by policy.

    Raises:
        UsageError: a test file, or the evidence it names, is not what it must be.
    """
    folder = opened.workspace.folder
    failing: dict[str, tuple[str, ...]] = {}
    for path in await files.find(folder, _TEST_ENDING):
        data = await files.read(f"{folder}/{path}", limit=FILE_MOST)
        tests = await anyio.to_thread.run_sync(_read_tests, path, data, reference)
        policy = _beside(path, tests.policy)
        if policy not in opened.documents:
            continue
        claims = await _claims_of(folder, path, tests, evidence)
        names = await anyio.to_thread.run_sync(
            _run_tests, path, tests, opened.documents[policy], claims
        )
        if names:
            failing[policy] = (*failing.get(policy, ()), *names)
    return failing


def _beside(path: str, name: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), name))


def _read_tests(path: str, data: bytes, reference: Reference) -> PolicyTests:
    from sealwright.policy.policy_tests import read_test_file  # noqa: PLC0415 - only for tests

    parsed = read_yaml(data, f"`{path}`")
    try:
        return read_test_file(parsed, reference.catalogue())
    except AppError as error:
        raise UsageError(f"`{path}`: {error.summary}", hint=error.hint) from error


async def _claims_of(
    folder: str, path: str, tests: PolicyTests, evidence: EvidenceService
) -> dict[tuple[str, ...], Sequence[Claim]]:
    """The claims of all evidence that the cases name, by the files they name."""
    found: dict[tuple[str, ...], Sequence[Claim]] = {}
    for names in {case.evidence for case in tests.cases if case.claims is None}:
        places = [_place(folder, path, name) for name in names]
        try:
            found[names] = (await evidence.claims_of(places[0], places[1:])).claims
        except AppError as error:
            raise UsageError(f"`{path}`: `{names[0]}`: {error.summary}", hint=error.hint) from error
    return found


def _place(folder: str, path: str, name: str) -> str:
    place = _beside(path, name)
    if place.startswith((_OUTSIDE, "/")):
        raise UsageError(f"`{path}`: the evidence `{name}` is not inside the workspace.")
    return f"{folder}/{place}"


def _run_tests(
    path: str,
    tests: PolicyTests,
    policy: bytes,
    claims: Mapping[tuple[str, ...], Sequence[Claim]],
) -> tuple[str, ...]:
    from sealwright.policy.policy_tests import run_tests  # noqa: PLC0415 - as above
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - only when there are tests

    try:
        report = run_tests(tests, parse(policy.decode()), claims.__getitem__, monotonic)
    except PolicyError as error:
        return (f"{path}: {error.summary}",)
    return tuple(each.name for each in report.results if each.failure)
