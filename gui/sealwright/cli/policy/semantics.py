"""`policy diff --semantic`: what two policies mean differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sealwright.errors import PolicyError

if TYPE_CHECKING:
    from sealwright.policy.comparison import SemanticDiff
    from sealwright.policy.syntax import Policy


def semantic_result(first: str, second: str) -> tuple[bool, dict[str, Any], str]:
    """Whether two policy texts mean the same, the JSON document, and the words.

    Raises:
        PolicyError: one of them does not parse.
    """
    from sealwright.policy.comparison import semantic_diff  # noqa: PLC0415 - after the options
    from sealwright.policy.shapes import semantic_diff_to_json  # noqa: PLC0415 - as above

    before, after = _parsed(first, "first"), _parsed(second, "second")
    found = semantic_diff(before, after)
    document = semantic_diff_to_json(found, before, after)
    return found.equal, document, _words(found, before, after)


def _parsed(text: str, which: str) -> Policy:
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - after the options are read

    policy = parse(text)
    if not policy.parses:
        first = next(each for each in policy.syntax_errors if each.is_syntax_error)
        line = policy.position(first.span.start).line
        raise PolicyError(
            f"The {which} policy does not parse: {first.message}, line {line}.",
            hint="`policy lint` says more.",
            diagnostics=policy.syntax_errors,
        )
    return policy


def _words(found: SemanticDiff, before: Policy, after: Policy) -> str:
    lines = []
    if found.versions:
        lines.append(f"version {found.versions[0]} became {found.versions[1]}")
    for change in found.changes:
        lines.append(f"{change.kind.value} in {change.section}:")
        for mark, placed, policy in (("-", change.before, before), ("+", change.after, after)):
            if placed is not None:
                text = policy.text[placed.span.start : placed.span.end]
                lines += [f"  {mark} {line.strip()}" for line in text.splitlines()]
    lines += [f"now needed: {name}" for name in found.newly_required]
    lines += [f"no longer needed: {name}" for name in found.no_longer_required]
    return "\n".join(lines or ["Both mean the same."]) + "\n"
