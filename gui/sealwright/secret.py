"""Values that never show themselves."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

T = TypeVar("T", str, bytes)

_MASK: Final = "Secret(…)"


class Secret(Generic[T]):
    """Holds a secret text or bytes; `repr`, `str`, formatting and pickling show nothing of it."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value: T = value

    def reveal(self) -> T:
        """The value itself; call it only where it is used, and keep no copy."""
        return self._value

    def __repr__(self) -> str:
        """Show a mask."""
        return _MASK

    __str__ = __repr__

    def __format__(self, spec: str, /) -> str:
        """Show a mask, whatever the format."""
        return format(_MASK, spec)

    def __reduce__(self) -> str:
        """Refuse to be pickled."""
        raise TypeError("a Secret is not pickled")

    def __eq__(self, other: object) -> bool:
        """Compare by value with another Secret."""
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        """Hash of the value."""
        return hash(self._value)
