"""`token inspect|verify`: tokens taken apart, and checked against keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from sealwright.cli import shapes
from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import policy_text, read_input, read_time, token_text
from sealwright.cli.output import table

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.claims.catalogue import Catalogue
    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.tokens.expectations import Expectations
    from sealwright.tokens.inspect import Inspection
    from sealwright.tokens.report import Report

_SHOWN: Final = 100
"""Characters of a value in a table."""


def _inspect_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("tokens", metavar="TOKEN", nargs="+", help="token, file, or - for stdin")


def _inspect(arguments: Namespace, context: Context) -> int:
    from sealwright.tokens.inspect import inspect, meanings  # noqa: PLC0415 - only here

    meaning_of = meanings(_catalogue(context))
    found = [inspect(token_text(name), meaning_of) for name in arguments.tokens]
    shown = [_inspection_shape(one) for one in found]
    document = shown[0] if len(shown) == 1 else {"items": shown}
    context.output.result(document, "\n".join(_inspection_words(one) for one in found))
    return HOLDS


def _catalogue(context: Context) -> Catalogue:
    from sealwright.claims.catalogue import Catalogue  # noqa: PLC0415 - only here

    return Catalogue.from_json(context.world.resource("claims.json").decode("utf-8"))


def _inspection_shape(found: Inspection) -> dict[str, object]:
    return {
        "header": dict(found.header),
        "claims": dict(found.claims),
        "signature": {
            "algorithm": found.algorithm,
            "present": found.signature_bytes > 0,
            "bytes": found.signature_bytes,
        },
        "kind": found.kind,
        "explained": [
            {
                "path": one.path,
                "value": one.value,
                "meaning": one.meaning,
                "deprecated": one.deprecated,
                "preferred": one.preferred,
            }
            for one in found.explained
        ],
        "warnings": [{"code": one.code, "message": one.message} for one in found.warnings],
    }


def _inspection_words(found: Inspection) -> str:
    rows = [(one.path, _short(one.value), one.meaning) for one in found.explained]
    signature = f"{found.algorithm}, {found.signature_bytes} bytes"
    lines = [f"kind       {found.kind}", f"signature  {signature} (not checked)"]
    lines += [f"warning    {one.message}" for one in found.warnings]
    return "\n".join(lines) + "\n\n" + table(("CLAIM", "VALUE", "MEANING"), rows)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _verify_arguments(parser: ArgumentParser) -> None:
    _inspect_arguments(parser)
    keys = parser.add_mutually_exclusive_group(required=True)
    keys.add_argument(
        "--provider", metavar="URL", help="the provider's published keys, by name or URL"
    )
    keys.add_argument("--jwks", metavar="FILE", help="a key document")
    keys.add_argument(
        "--embedded-keys", action="store_true", help="the token's own keys: proves no origin"
    )
    parser.add_argument("--issuer", metavar="URL", default="", help="who must have issued it")
    parser.add_argument("--at", metavar="TIME", help="check as of this time (RFC 3339)")
    parser.add_argument("--nonce", metavar="N", help="nonce that was sent")
    parser.add_argument("--policy", metavar="FILE", help="policy that must have been applied")
    parser.add_argument("--rules", metavar="FILE", help="JSON file of further expectations")


def _verify(arguments: Namespace, context: Context) -> int:
    tokens = [token_text(name) for name in arguments.tokens]
    jwks = read_input(arguments.jwks) if arguments.jwks else b""
    at, expect = read_time(arguments.at), _expectations(arguments)
    if arguments.embedded_keys:
        reports = [_with_own_keys(one, arguments.issuer, at, expect, context) for one in tokens]
        return _emit(context, reports)

    async def job(services: Services) -> list[Report]:
        if arguments.provider:
            provider = (await services.providers.find(arguments.provider)).id
            return [
                await services.tokens.verify(one, provider, at=at, expect=expect) for one in tokens
            ]
        return [
            await services.tokens.verify_with_keys(
                one, jwks, issuer=arguments.issuer, at=at, expect=expect
            )
            for one in tokens
        ]

    return _emit(context, context.with_services(job))


def _expectations(arguments: Namespace) -> Expectations:
    from dataclasses import replace  # noqa: PLC0415 - only here

    from sealwright.policy.digest import policy_hash  # noqa: PLC0415 - only here
    from sealwright.tokens.expectations import (  # noqa: PLC0415 - only here
        Expectations,
        parse_expectations,
    )

    rules = arguments.rules
    found = parse_expectations(read_input(rules)) if rules else Expectations()
    if arguments.nonce is not None:
        found = replace(found, nonce=arguments.nonce)
    if arguments.issuer:
        found = replace(found, issuer=arguments.issuer)
    if arguments.policy:
        named = policy_hash(policy_text(arguments.policy))
        found = replace(found, policy_hashes=frozenset({named}))
    return found


def _with_own_keys(
    text: str, issuer: str, at: datetime | None, expect: Expectations, context: Context
) -> Report:
    from sealwright.evidence.trust import parse_anchors  # noqa: PLC0415 - only here
    from sealwright.tokens.case import Rules  # noqa: PLC0415 - only here
    from sealwright.tokens.inspect import inspect  # noqa: PLC0415 - only here
    from sealwright.tokens.keyset import parse_key_set  # noqa: PLC0415 - only here
    from sealwright.tokens.verify import verify  # noqa: PLC0415 - only here

    found = inspect(text)
    jwk = found.header.get("jwk")
    own = jwk if isinstance(jwk, dict) else found.header
    key = {"kid": found.header.get("kid", ""), "kty": "RSA", "x5c": own.get("x5c", [])}
    return verify(
        found.jws.compact,
        parse_key_set(json.dumps({"keys": [key]}).encode("ascii")),
        issuer=issuer or str(found.claims.get("iss", "")),
        now=at or datetime.now(UTC),
        rules=Rules(keys_trusted=False),
        anchors=parse_anchors(context.world.resource("trust/anchors.json")),
        expect=expect,
    )


def _emit(context: Context, reports: list[Report]) -> int:
    shown = [_report_shape(report) for report in reports]
    document = shown[0] if len(shown) == 1 else {"items": shown}
    context.output.result(document, "\n".join(_report_words(report) for report in reports))
    return HOLDS if all(report.valid for report in reports) else DOES_NOT_HOLD


def _report_shape(report: Report) -> dict[str, object]:
    by = report.signed_by
    return {
        "valid": report.valid,
        "checks": [shapes.check(check) for check in report.checks],
        "signedBy": by and {"kid": by.kid, "thumbprint": by.thumbprint, "subject": by.subject},
        "chain": [
            {"link": one.link, "status": one.status.value, "detail": one.detail}
            for one in report.chain
        ],
    }


def _report_words(report: Report) -> str:
    rows = [(one.status.value.upper(), one.title, one.detail) for one in report.checks]
    return f"{report.verdict.value}\n\n" + table(("STATUS", "CHECK", "DETAIL"), rows)


COMMANDS = {
    "inspect": Command(_inspect_arguments, _inspect),
    "verify": Command(_verify_arguments, _verify),
}
