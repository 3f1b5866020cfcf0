"""`policy lint`, `format` and `eval`: what a policy text says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, WRONG_USAGE, Command
from sealwright.cli.inputs import policy_text, read_input, write_output
from sealwright.errors import PolicyError, TokenError, UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Sequence

    from sealwright.claims.catalogue import Catalogue
    from sealwright.claims.claim import Claim, ClaimSet, ClaimValue
    from sealwright.cli.context import Context
    from sealwright.policy.diagnostics import Diagnostic
    from sealwright.policy.outcome import EvaluationError, Outcome
    from sealwright.policy.syntax import Policy

_SHOWN: Final = 100
"""Characters of a line that are shown on either side of a finding."""


def read_type(text: str | None) -> AttestationType | None:
    """The attestation type that an option names.

    Raises:
        UsageError: it names none.
    """
    if text is None:
        return None
    found = AttestationType.parse(text)
    if found is None:
        names = ", ".join(each.value for each in AttestationType)
        raise UsageError(f"`{text}` is no attestation type.", hint=f"There are {names}.")
    return found


def read_catalogue(context: Context) -> Catalogue:
    """The claims catalogue that comes with the program."""
    from sealwright.claims.catalogue import Catalogue  # noqa: PLC0415 - after the options are read

    return Catalogue.from_json(context.world.resource("claims.json").decode("utf-8"))


def refuse(error: PolicyError, policy: Policy, path: str, context: Context) -> int:
    """Report a text that does not parse or fails a static check (spec cli, policy eval)."""
    from sealwright.policy.diagnostics import Diagnostic  # noqa: PLC0415 - only in this case
    from sealwright.policy.shapes import diagnostic_to_json  # noqa: PLC0415 - as above

    found = [each for each in error.diagnostics if isinstance(each, Diagnostic)]
    shapes = [diagnostic_to_json(each, policy) for each in found]
    body = {
        "code": "PolicyParsingError",
        "message": error.summary,
        "hint": error.hint,
        "details": {"path": path, "diagnostics": shapes},
    }
    if context.output.json:
        context.output.result({"error": body}, "")
    else:
        context.output.note(f"sealwright: {error.summary}")
        context.output.note(_findings(path, policy, found).rstrip("\n"))
    return WRONG_USAGE


_FILE = "policy file, - for standard input"


def _lint_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="*", help=_FILE)
    parser.add_argument("--type", metavar="T", help="attestation type")
    parser.add_argument("--explain", metavar="CODE", help="print the page about a finding")


def _lint(arguments: Namespace, context: Context) -> int:
    if arguments.explain:
        return _explain(arguments.explain.upper(), context)
    if not arguments.files:
        raise UsageError("Name a policy file.", hint="`-` reads standard input.")
    from sealwright.policy.checking.checks import accepted  # noqa: PLC0415 - `--explain` needs no parser
    from sealwright.policy.checking.linter import lint  # noqa: PLC0415 - as above
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - as above

    kind = read_type(arguments.type)
    catalogue = read_catalogue(context)
    ok, text = True, ""
    files: list[dict[str, Any]] = []
    for path in arguments.files:
        policy = parse(policy_text(path))
        found = lint(policy, catalogue, kind)
        ok = ok and accepted(found)
        if context.output.json:
            from sealwright.policy.shapes import lint_to_json  # noqa: PLC0415 - only for JSON

            files.append(lint_to_json(path, policy, kind, found))
        else:
            text += _findings(path, policy, found)
    context.output.result({"files": files}, text or _nothing(len(arguments.files)))
    return HOLDS if ok else DOES_NOT_HOLD


def _nothing(count: int) -> str:
    return "Nothing to say.\n" if count == 1 else f"Nothing to say about {count} files.\n"


def _explain(code: str, context: Context) -> int:
    from sealwright.policy.catalogue import SEVERITIES  # noqa: PLC0415 - after the options are read

    if code not in SEVERITIES:
        raise UsageError(f"There is no finding `{code}`.", hint="Codes look like SW004.")
    page = context.world.resource(f"lint/{code}.md").decode("utf-8")
    document = {"code": code, "severity": SEVERITIES[code].value, "page": page}
    context.output.result(document, page)
    return HOLDS


def _findings(path: str, policy: Policy, found: Sequence[Diagnostic]) -> str:
    lines = policy.text.split("\n")
    text = ""
    for each in found:
        line, column, _ = policy.position(each.span.start)
        text += f"{path}:{line}:{column}: {each.severity.value} {each.code}: {each.message}\n"
        text += _underlined(lines[line - 1].rstrip("\r"), column, each.span.end - each.span.start)
        if each.help:
            text += f"  {each.help}\n"
        if each.fix:
            text += f"  Fix: {each.fix.title}\n"
    return text


def _underlined(line: str, column: int, width: int) -> str:
    """The line with a row of carets; tabs stay, so that the carets stand below their characters."""
    before, after = line[: column - 1], line[column - 1 :]
    if len(before) > _SHOWN:
        before = f"…{before[-_SHOWN:]}"
    if len(after) > _SHOWN:
        after = f"{after[:_SHOWN]}…"
    lead = "".join("\t" if char == "\t" else " " * _cells(char) for char in before)
    carets = "^" * max(1, sum(_cells(char) for char in after[:width]))
    return f"    {before}{after}\n    {lead}{carets}\n"


def _cells(char: str) -> int:
    """How many places of a terminal a character takes."""
    if char.isascii():
        return 1
    from unicodedata import combining, east_asian_width  # noqa: PLC0415 - most texts are ASCII

    return 0 if combining(char) else 2 if east_asian_width(char) in {"W", "F"} else 1


def _format_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help=_FILE)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="only say which files would change")
    mode.add_argument("--write", action="store_true", help="write the files back")


def _format(arguments: Namespace, context: Context) -> int:
    from sealwright.policy.writing.formatter import format_policy  # noqa: PLC0415 - after the options

    files: list[dict[str, Any]] = []
    for path in arguments.files:
        before = policy_text(path)
        try:
            after = format_policy(before)
        except PolicyError as error:
            from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - only in this case

            return refuse(error, parse(before), path, context)
        changed = after != before
        if changed and arguments.write and path != "-":
            write_output(path, after.encode("utf-8"))
        files.append({"path": path, "changed": changed, "text": after})
    if arguments.check or arguments.write:
        words = "".join(f"{each['path']}\n" for each in files if each["changed"])
    else:
        words = "".join(each["text"] for each in files)
    context.output.result({"files": files}, words)
    return DOES_NOT_HOLD if arguments.check and words else HOLDS


def _eval_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help=_FILE)
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument("--claims", metavar="CLAIMS.json", help="list of claims")
    given.add_argument("--evidence", metavar="F", help="evidence that the claims come from")
    parser.add_argument("--type", metavar="T", help="attestation type")
    parser.add_argument("--trace", action="store_true", help="show how each rule came out")
    from sealwright.cli.evidence.checking import add_given_options  # noqa: PLC0415 - only for this command

    add_given_options(parser)


def _eval(arguments: Namespace, context: Context) -> int:
    from time import monotonic  # noqa: PLC0415 - after the options are read

    from sealwright.policy.evaluation.evaluator import prepare  # noqa: PLC0415 - as above
    from sealwright.policy.evaluation.report import outcome_to_json  # noqa: PLC0415 - as above
    from sealwright.policy.outcome import EvaluationError  # noqa: PLC0415 - as above
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - as above

    policy = parse(policy_text(arguments.file))
    claims = _claims(arguments, context)
    try:
        prepared = prepare(policy, attestation_type=read_type(arguments.type))
    except PolicyError as error:
        return refuse(error, policy, arguments.file, context)
    try:
        outcome = prepared.evaluate(claims, monotonic)
    except EvaluationError as error:
        return _failed(error, policy, context)
    words = _outcome_words(outcome, policy, trace=arguments.trace)
    context.output.result(outcome_to_json(outcome, policy), words)
    return HOLDS if outcome.permitted else DOES_NOT_HOLD


def _failed(error: EvaluationError, policy: Policy, context: Context) -> int:
    """Report a failure at run time (spec cli, policy eval)."""
    from sealwright.policy.evaluation.report import failure_to_json  # noqa: PLC0415 - only in this case

    if not context.output.json:
        raise error
    details = failure_to_json(error, policy)
    body = {"code": error.code, "message": error.summary, "hint": error.hint, "details": details}
    context.output.result({"error": body}, "")
    return DOES_NOT_HOLD


def _claims(arguments: Namespace, context: Context) -> Iterable[Claim]:
    if arguments.claims is not None:
        return read_claims(arguments.claims)
    from sealwright.cli.policy.evidence import given_evidence  # noqa: PLC0415 - only for evidence

    return given_evidence(arguments, context)


def read_claims(path: str) -> ClaimSet:
    """The claims in a JSON file.

    Raises:
        UsageError: it is not JSON, or not a list of claims.
    """
    from sealwright.claims.notation import claims_from_json  # noqa: PLC0415 - after the options
    from sealwright.tokens.jose import parse_json  # noqa: PLC0415 - as above

    try:
        data = parse_json(read_input(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"`{path}` is not JSON: it is not UTF-8 text.") from error
    except TokenError as error:
        raise UsageError(f"`{path}` cannot be read. {error.summary}") from error
    return claims_from_json(data)


def _outcome_words(outcome: Outcome, policy: Policy, *, trace: bool) -> str:
    lines = [f"{outcome.decision}: {outcome.reason}"]
    lines += [f"issued: {_pair(*claim[:2])}" for claim in outcome.outgoing]
    lines += [f"property: {_pair(*claim[:2])}" for claim in outcome.properties]
    lines += [f"configuration: {_pair(*each)}" for each in outcome.configuration.items()]
    lines += [f"warning: {each}" for each in outcome.warnings]
    if outcome.choices:
        lines.append(f"rests on: {', '.join(outcome.choices)}")
    if trace:
        lines += _trace_words(outcome, policy)
    return "\n".join(lines) + "\n"


def _pair(name: str, value: ClaimValue) -> str:
    """A claim as the policy would write it."""
    from sealwright.policy.literals import literal_text  # noqa: PLC0415 - after the options are read

    return f"{name} = {literal_text(value)}"


def _trace_words(outcome: Outcome, policy: Policy) -> list[str]:
    from sealwright.policy.policy_tests import miss_words  # noqa: PLC0415 - only with --trace

    lines = []
    for rule in outcome.trace:
        line = policy.position(rule.place.span.start).line
        state = "fired" if rule.fired else "did not fire"
        lines.append(f"{rule.place.section} rule {rule.place.number}, line {line}: {state}")
        lines += [f"    {miss_words(each)}" for each in rule.conditions if not each.holds]
        for effect in rule.effects:
            made = f" {_pair(*effect.claim[:2])}" if effect.claim else ""
            lines.append(f"    {effect.action}{made}")
    return lines


COMMANDS = {
    "lint": Command(arguments=_lint_arguments, run=_lint),
    "format": Command(arguments=_format_arguments, run=_format),
    "eval": Command(arguments=_eval_arguments, run=_eval),
}
