"""The functions of version 1.2 (spec policy-language, 9 and 23).

A value on its way through an expression is a list of members; each member remembers whether it is
read-only. `jmespath` is imported where a policy first needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from sealwright.policy.evaluation.json_text import kinds_in, load_json, whole, write_json
from sealwright.policy.literals import INTEGER_MAX, INTEGER_MIN
from sealwright.policy.outcome import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.claims.claim import ClaimValue
    from sealwright.policy.limits import Limits
    from sealwright.policy.semantics import Semantics


_EVERY: Final = slice(None)
_NONE: Final = slice(0)
_SCALARS: Final = {"IsSubsetOf": _NONE, "ContainsOnlyValue": slice(1, None)}
"""Parameters that take one value; of other functions all do."""
_SETS: Final = {"IsSubsetOf": _EVERY, "ContainsOnlyValue": slice(1)}
"""Parameters that take a set; of other functions none does."""
_TRUTHS: Final = {"true": True, "false": False}


class Member(NamedTuple):
    """One value of a set."""

    value: ClaimValue
    read_only: bool


Members = list[Member]


class Functions:
    """The functions for one evaluation: they share what has been parsed."""

    __slots__ = ("_documents", "_limits", "_queries", "_semantics", "choices")

    def __init__(self, semantics: Semantics, limits: Limits, choices: set[str]) -> None:
        self._semantics = semantics
        self._limits = limits
        self._documents: dict[str, Any] = {}
        self._queries: dict[str, Any] = {}
        self.choices = choices

    def call(self, name: str, arguments: list[Members]) -> Members:
        """The result of a known function with the right number of arguments.

        Raises:
            EvaluationError: an argument is not what the function takes.
        """
        if not all(arguments[_SCALARS.get(name, _EVERY)]):
            self.choices.add("nothing_fails")
            if not self._semantics.nothing_fails:
                return []
        if not all(arguments[_SETS.get(name, _NONE)]):
            self.choices.add("empty_sets_pass")
            if not self._semantics.empty_sets_pass:
                raise EvaluationError(f"`{name}` was given an empty set")
        return _CALLS[name](self, *arguments)

    def jmes_path(self, text: Members, query: Members) -> Members:
        """`JmesPath(json, query)`."""
        document = self._string("JmesPath", text)
        expression = self._string("JmesPath", query)
        if not document.value or not expression.value:
            raise EvaluationError("`JmesPath` takes two texts that are not empty")
        result = self._search(str(document.value), str(expression.value))
        self._check_size(result)
        return [Member(result, document.read_only or expression.read_only)]

    def _search(self, text: str, query: str) -> str:
        found = self._found(text, query)
        kinds = kinds_in(found, self._limits.value_bytes)
        if isinstance(found, str):
            self.choices.add("strings_keep_quotes")
            if not self._semantics.strings_keep_quotes:
                return whole(found)
        if kinds & {list, dict}:
            self.choices.update(("json_is_compact", "json_keeps_order"))
        if kinds & {str, dict}:
            self.choices.add("json_is_unescaped")
        if float in kinds:
            self.choices.add("numbers_are_shortest")
        return write_json(found, self._semantics)

    def _found(self, text: str, query: str) -> Any:  # noqa: ANN401 - any JSON
        from sealwright.policy.queries import Dialect, compile_query, search  # noqa: PLC0415 - as above

        semantics = self._semantics
        dialect = Dialect(
            bare_words_are_fields=semantics.bare_words_are_fields,
            only_strings_have_case=semantics.only_strings_have_case,
            case_folds_simply=semantics.case_folds_simply,
        )
        self._note_dialect(text, query)
        if query not in self._queries:
            self._queries[query] = compile_query(query, dialect)
        if text not in self._documents:
            self._documents[text] = load_json(
                text, fractions=True, last_key_wins=semantics.last_key_wins
            )
        return search(self._queries[query], self._documents[text], dialect)

    def _note_dialect(self, text: str, query: str) -> None:
        if "{" in text:
            self.choices.add("last_key_wins")
        if any(word in query for word in ("true", "false", "null")):
            self.choices.add("bare_words_are_fields")
        if "equals_ignore_case" in query:
            self.choices.update(("only_strings_have_case", "case_folds_simply"))

    def json_to_claim_value(self, text: Members) -> Members:
        """`JsonToClaimValue(json)`: nothing for null, one member for each element of an array."""
        source = self._string("JsonToClaimValue", text)
        data = self._claim_data(str(source.value))
        if not isinstance(data, list):
            return [] if data is None else [Member(self._primitive(data), source.read_only)]
        if not data:
            self.choices.add("empty_arrays_pass")
            if not self._semantics.empty_arrays_pass:
                raise EvaluationError("`JsonToClaimValue` met an empty array")
        if None in data:
            self.choices.add("skips_null_members")
            if not self._semantics.skips_null_members:
                raise EvaluationError("`JsonToClaimValue` met null in an array")
        found = [self._primitive(each) for each in data if each is not None]
        return [Member(each, source.read_only) for each in found]

    def _claim_data(self, text: str) -> Any:  # noqa: ANN401 - any JSON
        fractions = not self._semantics.whole_fractions_fail
        if "." in text or "e" in text.lower():
            self.choices.add("whole_fractions_fail")
        return load_json(text, fractions=fractions)

    def is_subset_of(self, part: Members, whole: Members) -> Members:
        """`IsSubsetOf(a, b)`: type and value are compared."""
        if not part:
            self.choices.add("empty_is_subset")
            return [Member(self._semantics.empty_is_subset, read_only=False)]
        known = {(type(each.value), each.value) for each in whole}
        holds = all((type(each.value), each.value) in known for each in part)
        if not holds:
            texts = {value_text(each.value) for each in whole}
            holds = self._alike_as_text(alike=all(value_text(each.value) in texts for each in part))
        return [Member(holds, read_only=False)]

    def append_string(self, left: Members, right: Members) -> Members:
        """`AppendString(a, b)`."""
        first, second = self._string("AppendString", left), self._string("AppendString", right)
        joined = str(first.value) + str(second.value)
        self._check_size(joined)
        return [Member(joined, first.read_only or second.read_only)]

    def negate_bool(self, operand: Members) -> Members:
        """`NegateBool(b)`."""
        member = self._scalar("NegateBool", operand)
        value = member.value
        if isinstance(value, str) and value in _TRUTHS:
            self.choices.add("operands_match_type")
            if not self._semantics.operands_match_type:
                value = _TRUTHS[value]
        if not isinstance(value, bool):
            _wrong_type("NegateBool", "a boolean", member)
        return [Member(not value, member.read_only)]

    def contains_only_value(self, values: Members, wanted: Members) -> Members:
        """`ContainsOnlyValue(set, v)`: false for an empty set."""
        only = self._scalar("ContainsOnlyValue", wanted).value
        holds = bool(values) and all(
            type(each.value) is type(only) and each.value == only for each in values
        )
        if values and not holds:
            text = value_text(only)
            holds = self._alike_as_text(
                alike=all(value_text(each.value) == text for each in values)
            )
        return [Member(holds, read_only=False)]

    def _alike_as_text(self, *, alike: bool) -> bool:
        """Whether values that differ are to count as equal: their texts may be."""
        if alike:
            self.choices.add("members_match_type")
        return alike and not self._semantics.members_match_type

    def _string(self, name: str, members: Members) -> Member:
        member = self._scalar(name, members)
        if not isinstance(member.value, str):
            self.choices.add("operands_match_type")
            if self._semantics.operands_match_type:
                _wrong_type(name, "a string", member)
            return Member(value_text(member.value), member.read_only)
        return member

    def _primitive(self, data: object) -> ClaimValue:
        if isinstance(data, str):
            return whole(data)
        if isinstance(data, bool):
            return data
        if isinstance(data, float):
            if not data.is_integer():
                raise EvaluationError("`JsonToClaimValue` met a number with a fraction")
            data = int(data)
        if not isinstance(data, int):
            raise EvaluationError("`JsonToClaimValue` takes a primitive or an array of primitives")
        if not INTEGER_MIN <= data <= INTEGER_MAX:
            self.choices.add("integers_fit")
            if self._semantics.integers_fit:
                raise EvaluationError("`JsonToClaimValue` met a number beyond 64 bits")
        return data

    def _scalar(self, name: str, members: Members) -> Member:
        """The one member of a set, or what several equal ones stand for."""
        if len(members) == 1:
            return members[0]
        if not members:
            raise EvaluationError(f"`{name}` takes one value and was given none")
        first = members[0]
        equal = all(
            type(each.value) is type(first.value) and each.value == first.value for each in members
        )
        choice = "equal_members_are_one" if equal else "mixed_set_fails"
        self.choices.add(choice)
        if getattr(self._semantics, choice) is not equal:
            count = "several equal values" if equal else f"{len(members)} different values"
            raise EvaluationError(f"`{name}` takes one value and was given {count}")
        return Member(first.value, any(each.read_only for each in members))

    def _check_size(self, text: str) -> None:
        check_size(text, self._limits.value_bytes)


def check_size(text: str, limit: int) -> None:
    """Refuse a value that is too long.

    Raises:
        EvaluationError: it has more than `limit` bytes in UTF-8.
    """
    if len(text) * 4 > limit and len(text.encode(errors="surrogatepass")) > limit:
        raise EvaluationError(f"A value is larger than {limit:,} bytes")


def value_text(value: ClaimValue) -> str:
    """A value as JSON writes it, without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _wrong_type(name: str, wanted: str, member: Member) -> NoReturn:
    kind = {str: "a string", int: "an integer", bool: "a boolean"}[type(member.value)]
    raise EvaluationError(f"`{name}` takes {wanted} and was given {kind}")


_CALLS: Final[dict[str, Callable[..., Members]]] = {
    "JmesPath": Functions.jmes_path,
    "JsonToClaimValue": Functions.json_to_claim_value,
    "IsSubsetOf": Functions.is_subset_of,
    "AppendString": Functions.append_string,
    "NegateBool": Functions.negate_bool,
    "ContainsOnlyValue": Functions.contains_only_value,
}
