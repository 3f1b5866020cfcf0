"""The workspace file `sealwright.yaml`: which policy belongs on which provider and type.

    version: 1
    apply: {parallel: 4, onFailure: stop}
    assignments:
      - providers: [contoso-*, https://other.weu.attest.azure.net]
        where: {trustModel: Isolated, location: westeurope, cloud: Azure public, tags: {env: prod}}
        key: contoso-policy-signer
        policies:
          SgxEnclave: policies/production-sgx.policy
          TdxVm: default

Invariants
- An unknown member, type or word is refused with its place: a misspelt line must not be left out.
- A policy path stays inside the folder; `default` means the provider's own default policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.errors import UsageError
from sealwright.services.model import TrustModel
from sealwright.services.yaml_reading import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealwright.services.model import Provider

FILE_NAME: Final = "sealwright.yaml"
FILE_MOST: Final = 1_000_000
"""Bytes of a workspace file."""
DEFAULT_WORD: Final = "default"
PARALLEL_MOST: Final = 32
_PARALLEL: Final = 4
_STOP, _CARRY_ON = "stop", "carry-on"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Limits:
    """How an apply goes: how many providers at once, and whether a failure stops the rest."""

    parallel: int = _PARALLEL
    carry_on: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """Which providers an assignment means: names with `*` and `?`, or attest URIs, narrowed."""

    providers: tuple[str, ...]
    trust_model: TrustModel | None = None
    location: str = ""
    cloud: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def takes(self, provider: Provider) -> bool:
        """Whether the assignment is for this provider."""
        names = (provider.name.lower(), provider.attest_uri.lower())
        return (
            any(fnmatchcase(name, pattern) for pattern in self.providers for name in names)
            and self.trust_model in (None, provider.trust_model)
            and self.location in ("", _place(provider.location))
            and self.cloud in ("", provider.cloud)
            and all(provider.tags.get(name) == value for name, value in self.tags.items())
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    """One entry: for these providers, these policies. `key` signs where a signature is needed."""

    selector: Selector
    policies: Mapping[AttestationType, str]
    """A path inside the workspace, or `default`."""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with its assignments, in the order of the file."""

    folder: str
    assignments: tuple[Assignment, ...]
    limits: Limits = Limits()

    def paths(self) -> tuple[str, ...]:
        """Every policy file that is named, once."""
        named = (path for each in self.assignments for path in each.policies.values())
        return tuple(dict.fromkeys(path for path in named if path != DEFAULT_WORD))


def parse_workspace(data: bytes, folder: str) -> Workspace:
    """Read a workspace file.

    Raises:
        UsageError: not YAML, or something in it is not what it must be; says where.
    """
    if len(data) > FILE_MOST:
        raise UsageError(f"`{FILE_NAME}` is too large to be a workspace file.")
    parsed = read_yaml(data, f"`{FILE_NAME}`")
    top = _Members(parsed, "", ("version", "apply", "assignments"))
    if top.get("version") != _VERSION:
        raise UsageError(
            f"`{FILE_NAME}` does not say `version: {_VERSION}`.",
            hint="Another version needs another Sealwright.",
        )
    assignments = tuple(
        _assignment(each, f"assignments[{number}]")
        for number, each in enumerate(top.items("assignments"), 1)
    )
    if not assignments:
        raise UsageError(f"`{FILE_NAME}` assigns nothing.", hint="Add an entry to `assignments`.")
    return Workspace(folder, assignments, _limits(top.get("apply")))


def workspace_text(workspace: Workspace) -> bytes:
    """The file of a workspace, as a person would write it."""
    import yaml  # noqa: PLC0415 - only when a file is written

    document = {
        "version": _VERSION,
        "apply": {
            "parallel": workspace.limits.parallel,
            "onFailure": _CARRY_ON if workspace.limits.carry_on else _STOP,
        },
        "assignments": [_entry(each) for each in workspace.assignments],
    }
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
    return text.encode("utf-8")


def _entry(assignment: Assignment) -> dict[str, object]:
    selector = assignment.selector
    where: dict[str, object] = {
        "trustModel": selector.trust_model.value if selector.trust_model else "",
        "location": selector.location,
        "cloud": selector.cloud,
        "tags": dict(selector.tags),
    }
    where = {name: value for name, value in where.items() if value}
    entry: dict[str, object] = {"providers": list(selector.providers)}
    if where:
        entry["where"] = where
    if assignment.key:
        entry["key"] = assignment.key
    entry["policies"] = {kind.value: path for kind, path in assignment.policies.items()}
    return entry


def _limits(value: object) -> Limits:
    if value is None:
        return Limits()
    members = _Members(value, "apply", ("parallel", "onFailure"))
    parallel = members.get("parallel", _PARALLEL)
    if not isinstance(parallel, int) or not 1 <= parallel <= PARALLEL_MOST:
        raise UsageError(f"`apply.parallel` is a number from 1 to {PARALLEL_MOST}.")
    on_failure = members.get("onFailure", _STOP)
    if on_failure not in (_STOP, _CARRY_ON):
        raise UsageError(f"`apply.onFailure` is `{_STOP}` or `{_CARRY_ON}`.")
    return Limits(parallel, carry_on=on_failure == _CARRY_ON)


def _assignment(value: object, place: str) -> Assignment:
    members = _Members(value, place, ("providers", "where", "key", "policies"))
    names = members.texts("providers")
    if not names:
        raise UsageError(f"`{place}.providers` names no provider.", hint='Use `["*"]` for all.')
    policies = members.mapping("policies")
    found = {_kind(name, place): _path(path, place) for name, path in policies.items()}
    if not found:
        raise UsageError(f"`{place}.policies` names no policy.")
    if len(found) != len(policies):
        raise UsageError(f"`{place}.policies` names one attestation type twice.")
    return Assignment(_selector(names, members, place), found, members.text("key"))


def _selector(names: tuple[str, ...], members: _Members, place: str) -> Selector:
    patterns = tuple(name.strip().rstrip("/").lower() for name in names)
    where = members.get("where")
    if where is None:
        return Selector(patterns)
    narrowed = _Members(where, f"{place}.where", ("trustModel", "location", "cloud", "tags"))
    model = narrowed.text("trustModel")
    if model and model not in tuple(TrustModel):
        raise UsageError(
            f"`{model}` in `{place}.where` is no trust model.", hint=_known(TrustModel)
        )
    return Selector(
        patterns,
        TrustModel(model) if model else None,
        _place(narrowed.text("location")),
        narrowed.text("cloud"),
        narrowed.mapping("tags") if narrowed.get("tags") is not None else {},
    )


def _place(location: str) -> str:
    """ARM answers with names and with display names: `West Europe` is `westeurope`."""
    return location.replace(" ", "").lower()


def _kind(name: str, place: str) -> AttestationType:
    found = AttestationType.parse(name)
    if found is None:
        raise UsageError(
            f"`{name}` in `{place}.policies` is no attestation type.", hint=_known(AttestationType)
        )
    return found


def _path(path: str, place: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith(("/", "\\")) or ".." in parts or ":" in path:
        raise UsageError(
            f"`{path}` in `{place}.policies` is no path inside the workspace.",
            hint=f"Name a file below `{FILE_NAME}`, with `/` between folders, or `{DEFAULT_WORD}`.",
        )
    return path


def _known(names: Iterable[str]) -> str:
    return f"Known: {', '.join(names)}."


class _Members:
    """The members of one mapping of the file, by names that are known."""

    def __init__(self, value: object, place: str, known: tuple[str, ...]) -> None:
        self._place = place
        if not isinstance(value, dict):
            raise UsageError(f"`{place or FILE_NAME}` is no mapping of names to values.")
        self._values: dict[str, object] = {str(name): each for name, each in value.items()}
        for name in self._values:
            if name not in known:
                near = get_close_matches(name, known, 1)
                hint = f"Did you mean `{near[0]}`?" if near else _known(known)
                raise UsageError(f"`{self._at(name)}` is not known.", hint=hint)

    def get(self, name: str, default: object = None) -> object:
        return self._values.get(name, default)

    def text(self, name: str) -> str:
        value = self._values.get(name, "")
        if not isinstance(value, str):
            raise UsageError(f"`{self._at(name)}` is no text.")
        return value

    def items(self, name: str) -> list[object]:
        value = self._values.get(name, [])
        if not isinstance(value, list):
            raise UsageError(f"`{self._at(name)}` is no list.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        found = self.items(name)
        texts = tuple(each for each in found if isinstance(each, str))
        if len(texts) != len(found):
            raise UsageError(f"`{self._at(name)}` holds something else than texts.")
        return texts

    def mapping(self, name: str) -> dict[str, str]:
        value = self._values.get(name, {})
        if not isinstance(value, dict):
            raise UsageError(f"`{self._at(name)}` is no mapping of names to texts.")
        found = {str(key): each for key, each in value.items() if isinstance(each, str)}
        if len(found) != len(value):
            raise UsageError(f"`{self._at(name)}` holds something else than texts.")
        return found

    def _at(self, name: str) -> str:
        return f"{self._place}.{name}" if self._place else name
