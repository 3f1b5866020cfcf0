"""`token inspect|verify|release-check`: tokens taken apart, and checked against keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import read_input, read_time, token_text
from sealwright.cli.outcome import error_body
from sealwright.cli.token import shapes
from sealwright.cli.token.inputs import (
    NamedToken,
    key_arguments,
    opened,
    source_of,
    terms_of,
    token_arguments,
    tokens_of,
    unseal_argument,
    unseal_key,
)
from sealwright.errors import TokenError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Sequence

    from sealwright.claims.catalogue import Catalogue
    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.tokens.inspect import Meaning
    from sealwright.tokens.verification.report import Report


def _inspect_arguments(parser: ArgumentParser) -> None:
    token_arguments(parser)
    unseal_argument(parser)


def _inspect(arguments: Namespace, context: Context) -> int:
    from sealwright.tokens.inspect import meanings  # noqa: PLC0415 - only here

    meaning_of = meanings(_catalogue(context))
    key = unseal_key(arguments)
    tokens = tokens_of(arguments.tokens)
    found: list[tuple[dict[str, object], str]] = []
    failed = 0
    for token in tokens:
        try:
            found.append(_taken_apart(token, key, meaning_of))
        except TokenError as error:
            if len(tokens) == 1:
                raise
            # Of several, what is no token is one failure among others.
            failed += 1
            found.append(({"error": error_body(error)}, f"unreadable {error.summary}\n"))
    words = [
        text if len(tokens) == 1 else f"{token.name}\n{text}"
        for token, (_, text) in zip(tokens, found, strict=True)
    ]
    context.output.result(
        _one_or_items(tokens, [document for document, _ in found]), "\n".join(words)
    )
    return DOES_NOT_HOLD if failed else HOLDS


def _taken_apart(
    token: NamedToken, key: bytes, meaning_of: Callable[[str], Meaning | None]
) -> tuple[dict[str, object], str]:
    """The document and the words of one token.

    Raises:
        TokenError: there is no token in it.
    """
    from sealwright.tokens.inspect import inspect  # noqa: PLC0415 - only here
    from sealwright.tokens.sealed import sealed_answer  # noqa: PLC0415 - only here

    sealed = sealed_answer(token.text)
    if sealed is not None and not key:
        return shapes.sealed(sealed), shapes.SEALED
    inspection = inspect(opened(token, key), meaning_of)
    return shapes.inspection(inspection), shapes.inspection_words(inspection)


def _catalogue(context: Context) -> Catalogue:
    from sealwright.claims.catalogue import Catalogue  # noqa: PLC0415 - only here

    return Catalogue.from_json(context.world.resource("claims.json").decode("utf-8"))


def _one_or_items(
    tokens: Sequence[NamedToken], documents: Sequence[dict[str, object]]
) -> dict[str, object]:
    if len(documents) == 1:
        return documents[0]
    named = zip(tokens, documents, strict=True)
    return {"items": [{"file": token.file, **document} for token, document in named]}


def _verify_arguments(parser: ArgumentParser) -> None:
    token_arguments(parser)
    unseal_argument(parser)
    key_arguments(parser, required=True)
    parser.add_argument("--nonce", metavar="N", help="nonce that was sent")
    parser.add_argument("--policy", metavar="FILE", help="policy that must have been applied")
    parser.add_argument(
        "--rules",
        metavar="FILE",
        help="JSON file of further expectations, or the name of saved ones",
    )


def _verify(arguments: Namespace, context: Context) -> int:
    tokens, source = tokens_of(arguments.tokens), source_of(arguments)
    key = unseal_key(arguments)
    read_time(arguments.at)

    async def job(services: Services) -> list[Report | TokenError]:
        terms, service = await terms_of(arguments, services), services.tokens
        reports: list[Report | TokenError] = []
        for token in tokens:
            try:
                reports.append(await service.verify(opened(token, key), source, terms))
            except TokenError as error:
                if len(tokens) == 1:
                    raise
                # In a batch, what is no token is one failure among others.
                reports.append(error)
        return reports

    return _emit(context, tokens, context.with_services(job))


def _emit(
    context: Context, tokens: Sequence[NamedToken], reports: Sequence[Report | TokenError]
) -> int:
    documents: list[dict[str, object]] = [
        {"error": error_body(found)} if isinstance(found, TokenError) else shapes.report(found)
        for found in reports
    ]
    if len(reports) == 1:
        words = "\n".join(
            shapes.report_words(found) for found in reports if not isinstance(found, TokenError)
        )
    else:
        names = [token.name for token in tokens]
        words = shapes.batch_words(list(zip(names, reports, strict=True)))
    context.output.result(_one_or_items(tokens, documents), words)
    held = all(not isinstance(found, TokenError) and found.valid for found in reports)
    return HOLDS if held else DOES_NOT_HOLD


def _release_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("token", metavar="TOKEN", help="token, file, or - for stdin")
    parser.add_argument(
        "--release-policy", metavar="FILE", required=True, help="policy of the key, as JSON"
    )
    unseal_argument(parser)
    key_arguments(parser, required=False)


def _release_check(arguments: Namespace, context: Context) -> int:
    from sealwright.tokens.inspect import inspect  # noqa: PLC0415 - only here
    from sealwright.tokens.release import (  # noqa: PLC0415 - only here
        evaluate_release,
        parse_release_policy,
    )

    given = NamedToken(arguments.token, token_text(arguments.token))
    token = opened(given, unseal_key(arguments))
    policy = parse_release_policy(read_input(arguments.release_policy))
    claims = inspect(token).claims
    report = _proof(arguments, context, token)
    outcome = evaluate_release(policy, claims)
    document = shapes.release(outcome, report)
    context.output.result(document, shapes.release_words(outcome, report))
    held = outcome.holds and (report is None or report.valid)
    return HOLDS if held else DOES_NOT_HOLD


def _proof(arguments: Namespace, context: Context, token: str) -> Report | None:
    """Of the token itself, when keys are given: a vault checks both."""
    if not (arguments.provider or arguments.jwks or arguments.embedded_keys):
        return None
    source = source_of(arguments)

    async def job(services: Services) -> Report:
        terms = await terms_of(arguments, services)
        return await services.tokens.verify(token, source, terms)

    return context.with_services(job)


COMMANDS = {
    "inspect": Command(_inspect_arguments, _inspect),
    "verify": Command(_verify_arguments, _verify),
    "release-check": Command(_release_arguments, _release_check),
}
