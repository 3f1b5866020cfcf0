"""`policy sign|wrap|unwrap|hash`: policies as tokens, without a network."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sealwright.cli.command import HOLDS, Command
from sealwright.cli.inputs import given_text, policy_in_token, policy_text, write_output
from sealwright.cli.signing import (
    add_signer_options,
    check_signer_options,
    file_signer,
    run_at_once,
)
from sealwright.policy.digest import policy_hash
from sealwright.tokens.policy_jws import (
    assemble,
    signed_policy_input,
    token_hash,
    unsecured_policy,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.ports import Signer


def _sign_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="policy text; - is stdin")
    parser.add_argument("--output", metavar="FILE", help="write the token to FILE")
    add_signer_options(parser)


def _sign(arguments: Namespace, context: Context) -> int:
    check_signer_options(arguments, required=True)
    text = policy_text(arguments.file)
    _warn_of_text(text, context)
    if arguments.key_file:
        signer = file_signer(arguments, context)
        return _emit(arguments, context, text, run_at_once(_signed(text, signer)), signer)

    async def job(services: Services) -> tuple[str, Signer]:
        signer = await services.keys.signer(arguments.key)
        return await _signed(text, signer), signer

    jws, signer = context.with_services(job)
    return _emit(arguments, context, text, jws, signer)


async def _signed(text: str, signer: Signer) -> str:
    data = signed_policy_input(text, signer.certificate_chain)
    return assemble(data, await signer.sign(data))


def _wrap_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="policy text; - is stdin")
    parser.add_argument("--output", metavar="FILE", help="write the token to FILE")


def _wrap(arguments: Namespace, context: Context) -> int:
    text = policy_text(arguments.file)
    _warn_of_text(text, context)
    return _emit(arguments, context, text, unsecured_policy(text), None)


def _warn_of_text(text: str, context: Context) -> None:
    """Say what is probably a mistake; the text is taken as it is, since every byte counts."""
    if not text.strip():
        context.output.note("Warning: The policy is empty; a provider refuses it.")
    if text.startswith("\ufeff"):
        context.output.note(
            "Warning: The file begins with a byte order mark; it counts in the hash. "
            "Save it without one unless other tools keep it."
        )


def _warn_of_errors(text: str, file: str, context: Context) -> None:
    """Say that the service will refuse the text, which is for the service to decide.

    Asked when the token is out: who signs does not wait for the parser.
    """
    if not text.strip():
        return
    from sealwright.policy.checking.checks import check  # noqa: PLC0415 - after the token is out
    from sealwright.policy.diagnostics import Severity  # noqa: PLC0415 - as above
    from sealwright.policy.reading.parser import parse  # noqa: PLC0415 - as above

    policy = parse(text)
    errors = [each for each in check(policy) if each.severity is Severity.ERROR]
    if not errors:
        return
    line, column, _ = policy.position(errors[0].span.start)
    count = "an error" if len(errors) == 1 else f"{len(errors)} errors"
    more = "" if len(errors) == 1 or file == "-" else f" `policy lint {file}` shows all of them."
    context.output.note(
        f"Warning: The policy has {count}; a provider refuses it. "
        f"Line {line}, column {column}: {errors[0].code} {errors[0].message}.{more}"
    )


def _emit(
    arguments: Namespace, context: Context, text: str, jws: str, signer: Signer | None
) -> int:
    document: dict[str, object] = {
        "jws": jws,
        "tokenHash": token_hash(jws),
        "policyHash": policy_hash(text),
        # Text does not show it, and describing a certificate costs more than signing.
        "signer": _signer_shape(signer) if signer and context.output.json else None,
    }
    if arguments.output:
        write_output(arguments.output, jws.encode("ascii"))
        context.output.result(document, "", output=arguments.output)
        context.output.note(f"Written to {arguments.output}.")
    else:
        context.output.result(document, jws + "\n")
    _warn_of_errors(text, arguments.file, context)
    return HOLDS


def _signer_shape(signer: Signer) -> dict[str, object]:
    from sealwright.services.certificates import describe_certificate  # noqa: PLC0415 - heavy

    found = describe_certificate(signer.certificate_chain[0])
    return {"subject": found.subject, "thumbprint": found.thumbprint}


def _unwrap_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("jws", metavar="JWS", help="token, file with one, or - for stdin")
    parser.add_argument("--output", metavar="FILE", help="write the text to FILE")


def _unwrap(arguments: Namespace, context: Context) -> int:
    from sealwright.tokens.unwrap import unwrap  # noqa: PLC0415 - only here

    found = unwrap(given_text(arguments.jws))
    document: dict[str, object] = {
        "text": found.text,
        "form": str(found.form),
        "signed": found.signed,
        "policyHash": found.policy_hash,
    }
    for warning in found.warnings:
        context.output.note(f"Note: {warning}")
    if arguments.output:
        write_output(arguments.output, found.text.encode("utf-8"))
        context.output.result(document, "", output=arguments.output)
    else:
        context.output.result(document, found.text)
    return HOLDS


def _hash_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="policy text or token; - is stdin")


def _hash(arguments: Namespace, context: Context) -> int:
    text = policy_text(arguments.file)
    token = policy_in_token(text)
    if token is not None:
        text = token.text
    _warn_of_text(text, context)
    sha256, named = hashlib.sha256(text.encode("utf-8")).hexdigest(), policy_hash(text)
    sent = token_hash(unsecured_policy(text))
    document: dict[str, object] = {
        "text": {"sha256Hex": sha256, "x-ms-policy-hash": named},
        "unsecuredJws": {"tokenHash": sent},
    }
    words = (
        f"SHA-256 of the text      {sha256}\n"
        f"x-ms-policy-hash         {named}\n"
        f"x-ms-policy-token-hash   {sent}  (sent without a signature)\n"
    )
    if token is not None and token.jws:
        document["jws"] = {"tokenHash": token.token_hash, "signed": token.signed}
        words += f"x-ms-policy-token-hash   {token.token_hash}  (of the token in the file)\n"
    context.output.result(document, words)
    return HOLDS


COMMANDS = {
    "sign": Command(_sign_arguments, _sign),
    "wrap": Command(_wrap_arguments, _wrap),
    "unwrap": Command(_unwrap_arguments, _unwrap),
    "hash": Command(_hash_arguments, _hash),
}
