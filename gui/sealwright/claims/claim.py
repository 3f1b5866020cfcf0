"""Claims as the policy engine sees them (spec policy-language, 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ClaimValue = str | int | bool

SERVICE_ISSUER: Final = "AttestationService"
POLICY_ISSUER: Final = "AttestationPolicy"
CUSTOM_CLAIM: Final = "CustomClaim"
REGISTERED: Final = frozenset(("iss", "exp", "nbf", "iat", "jti", "cnf", "nonce"))
"""Members of a token that a policy never sets (spec policy-language, 12)."""
VALUE_TYPES: Final = {str: "String", int: "Integer", bool: "Boolean"}


class Claim(NamedTuple):
    """One claim. A read-only value may be tested and added, but not put into the token."""

    type: str
    value: ClaimValue
    issuer: str = CUSTOM_CLAIM
    read_only: bool = False

    @property
    def value_type(self) -> str:
        """`String`, `Integer` or `Boolean`."""
        return VALUE_TYPES[type(self.value)]

    def same_as(self, other: Claim) -> bool:
        """Equality of type, value, value type and issuer: true is not 1."""
        return (
            self.type == other.type
            and type(self.value) is type(other.value)
            and self.value == other.value
            and self.issuer == other.issuer
        )


class ClaimSet:
    """Claims in order of arrival; equal ones may repeat."""

    __slots__ = ("_claims",)

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._claims = tuple(claims)

    def __iter__(self) -> Iterator[Claim]:
        """In order of arrival."""
        return iter(self._claims)

    def __len__(self) -> int:
        """How many claims, repeated ones counted."""
        return len(self._claims)

    def __getitem__(self, index: int) -> Claim:
        """The claim at a place of the order."""
        return self._claims[index]

    def __eq__(self, other: object) -> bool:
        """The same claims in the same order."""
        return (
            isinstance(other, ClaimSet)
            and len(self) == len(other)
            and all(mine.same_as(its) for mine, its in zip(self, other, strict=True))
        )

    __hash__ = None  # type: ignore[assignment] # equality is finer than that of the tuples

    def __repr__(self) -> str:
        """For a failing test."""
        return f"ClaimSet({list(self._claims)!r})"

    def service_first(self) -> ClaimSet:
        """Claims of the service before all others, order otherwise kept (spec, 8 step 3)."""
        return ClaimSet(sorted(self._claims, key=lambda claim: claim.issuer != SERVICE_ISSUER))
