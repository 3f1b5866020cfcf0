"""JSON as the functions of a policy read and write it (spec policy-language, 9 and 23.9).

`json` is imported where a policy first needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from sealwright.policy.diagnostics import brief
from sealwright.policy.outcome import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.policy.semantics import Semantics


def load_json(text: str, *, fractions: bool, last_key_wins: bool = True) -> Any:  # noqa: ANN401 - any JSON
    """Parse JSON text strictly.

    Raises:
        EvaluationError: it is not JSON, or holds a fraction although `fractions` is false.
    """
    import json  # noqa: PLC0415 - see above

    try:
        return json.loads(
            text,
            parse_constant=_refuse,
            parse_float=_finite if fractions else _refuse,
            object_pairs_hook=None if last_key_wins else _first_of_each,
        )
    except (ValueError, RecursionError) as error:
        kind = "JSON" if fractions else "JSON without fractions"
        raise EvaluationError(f"A value is not {kind}: `{brief(text)}`") from error


def write_json(found: object, semantics: Semantics) -> str:
    """JSON text.

    Raises:
        EvaluationError: it has no JSON text, or none that is Unicode.
    """
    import json  # noqa: PLC0415 - see above

    separators = (",", ":") if semantics.json_is_compact else (", ", ": ")

    def written(part: object) -> str:
        return json.dumps(
            part,
            ensure_ascii=not semantics.json_is_unescaped,
            separators=separators,
            allow_nan=False,
            sort_keys=not semantics.json_keeps_order,
        )

    try:
        if semantics.numbers_are_shortest:
            return whole(written(found))
        return whole(_spelt_out(found, written, *separators, ordered=semantics.json_keeps_order))
    except (TypeError, ValueError, RecursionError) as error:
        raise EvaluationError("The result of `JmesPath` cannot be written as JSON") from error


def _spelt_out(
    found: object, written: Callable[[object], str], comma: str, colon: str, *, ordered: bool
) -> str:
    """JSON text with all digits of a fraction."""
    if isinstance(found, float):
        digits = f"{found:.17g}"
        return digits if "." in digits or "e" in digits else f"{digits}.0"
    if isinstance(found, list):
        parts = [_spelt_out(each, written, comma, colon, ordered=ordered) for each in found]
        return f"[{comma.join(parts)}]"
    if isinstance(found, dict):
        parts = [
            written(name) + colon + _spelt_out(found[name], written, comma, colon, ordered=ordered)
            for name in (found if ordered else sorted(found))
        ]
        return f"{{{comma.join(parts)}}}"
    return written(found)


def kinds_in(value: object, limit: int) -> set[type]:
    """The types of all parts of a result, looked at before it is written.

    Raises:
        EvaluationError: its text will have more than `limit` bytes; its parts may be the same
            ones, a billion times.
    """
    size, open_values, kinds = 0, [value], set()
    while open_values:
        item = open_values.pop()
        kinds.add(type(item))
        size += 1
        if isinstance(item, dict):
            open_values.extend(item)
            open_values.extend(item.values())
        elif isinstance(item, list):
            open_values.extend(item)
        elif isinstance(item, str):
            size += len(item)
        if size > limit:
            raise EvaluationError(f"A value is larger than {limit:,} bytes")
    return kinds


def whole(text: str) -> str:
    """The text, which JSON may have given half of a surrogate pair: no UTF-8 writes that.

    Raises:
        EvaluationError: it has such a half.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise EvaluationError("A text from JSON holds half of a surrogate pair") from error
    return text


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


def _refuse(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if number in {float("inf"), float("-inf")}:
        raise ValueError(text)
    return number
