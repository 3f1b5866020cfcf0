"""A workspace folder: its file, the policies it names, and the policy tests beside them."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from sealwright.errors import AppError, PolicyError, StorageError, UsageError
from sealwright.services.fleet.workspace import FILE_MOST, FILE_NAME, parse_workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.claim import Claim
    from sealwright.services.fleet.workspace import Workspace
    from sealwright.services.ports import Files
    from sealwright.services.reference import Reference

_POLICY_MOST: Final = 16 * 2**20
_TEST_ENDING: Final = ".policytest.yaml"


@dataclass(frozen=True, slots=True)
class OpenedWorkspace:
    """A workspace and the bytes of the policies it names, by path."""

    workspace: Workspace
    documents: Mapping[str, bytes]


async def open_workspace(folder: str, files: Files) -> OpenedWorkspace:
    """Read a workspace whole: what it names must be there before anything is compared.

    Raises:
        StorageError: the folder, its file or a named policy cannot be read.
        UsageError: the file is not what it must be.
    """
    folder = folder.rstrip("/\\") or folder
    try:
        data = await files.read(f"{folder}/{FILE_NAME}", limit=FILE_MOST)
    except StorageError as error:
        raise StorageError(
            f"`{folder}` is no workspace: {error.summary}",
            hint=f"A workspace is a folder with `{FILE_NAME}`; `sealwright fleet init` makes one.",
        ) from error
    workspace = await anyio.to_thread.run_sync(parse_workspace, data, folder)
    documents = {
        path: await files.read(f"{folder}/{path}", limit=_POLICY_MOST) for path in workspace.paths()
    }
    return OpenedWorkspace(workspace, documents)


async def failing_tests(
    opened: OpenedWorkspace, files: Files, reference: Reference
) -> dict[str, tuple[str, ...]]:
    """Run the policy tests of the folder that are about its policies; the failing ones by policy.

    Raises:
        UsageError: a test file is not what it must be.
    """
    folder = opened.workspace.folder
    failing: dict[str, tuple[str, ...]] = {}
    for path in await files.find(folder, _TEST_ENDING):
        data = await files.read(f"{folder}/{path}", limit=FILE_MOST)
        policy, names = await anyio.to_thread.run_sync(
            _run_tests, path, data, opened.documents, reference
        )
        if names:
            failing[policy] = (*failing.get(policy, ()), *names)
    return failing


def _run_tests(
    path: str, data: bytes, documents: Mapping[str, bytes], reference: Reference
) -> tuple[str, tuple[str, ...]]:
    import yaml  # noqa: PLC0415 - only when there are tests

    from sealwright.policy.parser import parse  # noqa: PLC0415 - as above
    from sealwright.policy.policy_tests import read_test_file, run_tests  # noqa: PLC0415 - as above

    try:
        file = read_test_file(yaml.safe_load(data), reference.catalogue())
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        raise UsageError(f"`{path}` is not YAML.", details={"reason": str(error)}) from error
    except AppError as error:
        raise UsageError(f"`{path}`: {error.summary}", hint=error.hint) from error
    policy = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.policy))
    if policy not in documents:
        return policy, ()
    try:
        report = run_tests(file, parse(documents[policy].decode()), _no_evidence, monotonic)
    except PolicyError as error:
        return policy, (f"{path}: {error.summary}",)
    return policy, tuple(each.name for each in report.results if each.failure)


def _no_evidence(path: str) -> Sequence[Claim]:
    raise UsageError(
        f"A policy test needs the claims of the evidence file `{path}`.",
        hint="Give the claims themselves; `sealwright policy test` reads evidence files.",
    )
