"""What is known about each claim (spec claims).

The domain reads no files: whoever builds a `Catalogue` passes the text of `claims.json` in.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sealwright.claims.attestation_type import AttestationType

if TYPE_CHECKING:
    from collections.abc import Iterable

_TYPES: Final = {
    "sgx": AttestationType.SGX_ENCLAVE,
    "openenclave": AttestationType.OPEN_ENCLAVE,
    "tpm": AttestationType.TPM,
    "vbs": AttestationType.TPM,
    "sevsnpvm": AttestationType.SEV_SNP_VM,
    "tdxvm": AttestationType.TDX_VM,
    "azureguest": AttestationType.AZURE_GUEST,
}
_VALUE_TYPES: Final = {"string": str, "integer": int, "boolean": bool}


class Direction(StrEnum):
    """Where a claim may stand."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"
    PROPERTY = "property"
    CONFIGURATION = "configuration"


class ClaimEntry(NamedTuple):
    """One row of the catalogue; what does not apply is None, empty or false."""

    name: str
    types: frozenset[AttestationType]
    directions: frozenset[Direction]
    json_type: str
    description: str
    hex_digits: int | None
    values: tuple[str, ...]
    range: tuple[int, int] | None
    default: str | int | bool | None
    example: object
    replacement: str
    min_policy_version: str
    read_only: bool
    json_text: bool
    reserved: bool
    by_policy: bool
    confidence: str

    @property
    def deprecated(self) -> bool:
        """Whether there is a newer name."""
        return bool(self.replacement)

    @property
    def value_class(self) -> type[str | int | bool] | None:
        """Python type of the value; None for objects."""
        return _VALUE_TYPES.get(self.json_type.removesuffix("[]"))


class Catalogue:
    """Entries by name; some names stand for an incoming and for an issued claim."""

    def __init__(self, entries: Iterable[ClaimEntry]) -> None:
        self.entries = tuple(entries)
        self._by_name: dict[str, list[ClaimEntry]] = {}
        for entry in self.entries:
            self._by_name.setdefault(entry.name, []).append(entry)

    @classmethod
    def from_json(cls, text: str) -> Catalogue:
        """Read the text of `claims.json`.

        Raises:
            ValueError: it is damaged.
        """
        import json  # noqa: PLC0415 - not needed to know the attestation types

        data = json.loads(text)
        try:
            return cls(_entry(each) for each in data["claims"])
        except (KeyError, TypeError) as error:
            raise ValueError("The claims catalogue is damaged") from error

    def find(self, name: str, direction: Direction | None = None) -> ClaimEntry | None:
        """The entry of that exact name, the first one when `direction` leaves several."""
        found = self._by_name.get(name, [])
        if direction is not None:
            found = [entry for entry in found if direction in entry.directions]
        return found[0] if found else None

    @cached_property
    def incoming_names(self) -> frozenset[str]:
        """Names a condition may test without any rule adding them."""
        return frozenset(
            entry.name for entry in self.entries if Direction.INCOMING in entry.directions
        )

    @cached_property
    def versioned_names(self) -> frozenset[str]:
        """Names that only policies of some version may test."""
        return frozenset(entry.name for entry in self.entries if entry.min_policy_version)

    @cached_property
    def service_names(self) -> frozenset[str]:
        """Names the service itself puts into a token."""
        return frozenset(
            entry.name
            for entry in self.entries
            if Direction.OUTGOING in entry.directions
            and not entry.by_policy
            and not entry.deprecated
        )

    def produced_for(
        self, attestation_type: AttestationType, direction: Direction
    ) -> tuple[ClaimEntry, ...]:
        """What there is for one attestation type."""
        return tuple(
            entry
            for entry in self.entries
            if direction in entry.directions and attestation_type in entry.types
        )


def _entry(data: dict[str, Any]) -> ClaimEntry:
    bounds = data.get("range")
    return ClaimEntry(
        name=data["name"],
        types=frozenset(_TYPES[each] for each in data["types"] if each in _TYPES),
        directions=frozenset(Direction(each) for each in data["directions"]),
        json_type=data["jsonType"],
        description=data["description"],
        hex_digits=data.get("hexDigits"),
        values=tuple(data.get("values", ())),
        range=(bounds[0], bounds[1]) if bounds else None,
        default=data.get("default"),
        example=data.get("example"),
        replacement=data.get("replacement", ""),
        min_policy_version=data.get("minPolicyVersion", ""),
        read_only=data.get("readOnly", False),
        json_text=data.get("jsonText", False),
        reserved=data.get("reserved", False),
        by_policy=data.get("byPolicy", False),
        confidence=data.get("confidence", "documented"),
    )
