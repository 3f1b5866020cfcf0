"""`attest`: evidence sent to a provider, and its token checked; or a saved exchange once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.cli.command import DOES_NOT_HOLD, HOLDS, Command
from sealwright.cli.inputs import policy_text, read_input, write_output
from sealwright.cli.outcome import error_body, exit_code, report
from sealwright.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sealwright.cli.context import Context
    from sealwright.errors import AppError
    from sealwright.services.attestation.flow import Attestation, FlowStep
    from sealwright.services.attestation.reason import Reason
    from sealwright.services.attestation.request import AttachedData, AttestRequest
    from sealwright.services.bundle import Services
    from sealwright.services.exchanges import SavedExchange

_HELD = ("auto", "json", "binary")


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("provider", metavar="PROVIDER", help="known provider, or an attest URI")
    parser.add_argument("--type", metavar="T", help="attestation type, as sgx")
    parser.add_argument(
        "--evidence", metavar="F", help="quote, report, request or event log; - is stdin"
    )
    parser.add_argument(
        "--event-log", metavar="F", help="boot log of the sandbox's TPM below a VBS report"
    )
    parser.add_argument("--certs", metavar="F", help="certificates of a bare SNP report, PEM")
    parser.add_argument("--endorsement", metavar="F", help="endorsement of its image (COSE)")
    parser.add_argument(
        "--collateral",
        metavar="F",
        action="append",
        default=[],
        help="vendor's collateral, may repeat; only a sandbox takes it",
    )
    for name, what in (("runtime", "made with"), ("init", "started with")):
        parser.add_argument(
            f"--{name}-data", metavar="F", help=f"data that the evidence was {what}"
        )
        parser.add_argument(
            f"--{name}-type",
            choices=_HELD,
            default="auto",
            help="how the token shows it; JSON when it is a JSON object",
        )
    parser.add_argument("--nonce", metavar="N", help="text that the token repeats")
    parser.add_argument(
        "--draft-policy", metavar="F", help="try this policy; the token will be unsecured"
    )
    parser.add_argument("--unseal-key", metavar="F", help="key that opens an AzureGuest token")
    parser.add_argument("--replay", metavar="F", help="send a saved exchange once more")
    parser.add_argument("--save-exchange", metavar="F", help="keep request and answer in a file")


def _run(arguments: Namespace, context: Context) -> int:
    def on_step(step: FlowStep) -> None:
        if not context.output.json and step.status in ("done", "failed"):
            word = "FAILED" if step.status == "failed" else "done"
            context.output.note(f"  {step.title}: {word}  {step.detail}".rstrip())

    saved = _saved(arguments)
    request = None if saved is not None else _request(arguments)

    async def job(services: Services) -> Attestation:
        if saved is not None:
            return await services.attest.replay(saved, arguments.provider, on_step)
        if request is None:
            raise UsageError("There is nothing to attest.")
        log = _optional(arguments.event_log)
        return await services.attest.attest(await _with_tpm(request, log, services), on_step)

    found = context.with_services(job)
    if arguments.save_exchange:
        write_output(arguments.save_exchange, found.exchange.to_json())
    return _ended(context, found, arguments.save_exchange)


def _saved(arguments: Namespace) -> SavedExchange | None:
    if not arguments.replay:
        return None
    if arguments.evidence or arguments.type:
        raise UsageError(
            "An exchange brings its own evidence and type.",
            hint="Give --replay, or --type with --evidence.",
        )
    from sealwright.services.exchanges import read_exchange  # noqa: PLC0415 - only here

    return read_exchange(read_input(arguments.replay))


def _request(arguments: Namespace) -> AttestRequest:
    from sealwright.cli.policy.deployed import attestation_type  # noqa: PLC0415 - only here
    from sealwright.services.attestation.request import (  # noqa: PLC0415 - only here
        AttestRequest,
        require_possible,
    )
    from sealwright.services.evidence.reading import evidence_of_file  # noqa: PLC0415 - only here

    if not arguments.type or not arguments.evidence:
        raise UsageError(
            "What is to be attested is not named.",
            hint="Give --type T and --evidence F, or --replay F.",
        )
    request = AttestRequest(
        provider=arguments.provider,
        attestation_type=attestation_type(arguments.type),
        evidence=evidence_of_file(read_input(arguments.evidence)),
        certificates=_optional(arguments.certs),
        endorsement=_optional(arguments.endorsement),
        collateral=tuple(read_input(name) for name in arguments.collateral),
        runtime_data=_data(arguments.runtime_data, arguments.runtime_type),
        init_data=_data(arguments.init_data, arguments.init_type),
        nonce=arguments.nonce or "",
        draft_policy=policy_text(arguments.draft_policy) if arguments.draft_policy else "",
        guest_key=_optional(arguments.unseal_key),
    )
    require_possible(request)
    return request


async def _with_tpm(request: AttestRequest, log: bytes, services: Services) -> AttestRequest:
    """A TPM is asked live; for a boot log, and an enclave above it, the sandbox's own answers.

    Raises:
        UsageError: what was given answers no challenge.
    """
    from dataclasses import replace  # noqa: PLC0415 - only here

    from sealwright.claims.attestation_type import AttestationType  # noqa: PLC0415 - only here
    from sealwright.evidence.azure.vbs import is_vbs_report  # noqa: PLC0415 - only here
    from sealwright.evidence.kinds.tpm import is_event_log  # noqa: PLC0415 - only here
    from sealwright.evidence.tpm.tpm_quote import is_quote  # noqa: PLC0415 - only here

    given = request.evidence
    if request.attestation_type is not AttestationType.TPM:
        return request
    if is_event_log(given):
        return replace(request, tpm=await services.evidence.pretended_tpm(given))
    if is_vbs_report(given) and log:
        return replace(request, tpm=await services.evidence.pretended_tpm(log, given))
    if is_vbs_report(given):
        raise UsageError(
            "A VBS report is not sent by itself: it must commit to the answer to a challenge.",
            hint="Give the boot log too (--event-log): the sandbox's pretended TPM then answers.",
        )
    if is_quote(given):
        raise UsageError(
            "A TPM quote is not sent by itself: the service asks the TPM for a new one.",
            hint="Give the event log as --evidence: the sandbox's pretended TPM answers for it.",
        )
    return request


def _optional(name: str | None) -> bytes:
    return read_input(name) if name else b""


def _data(name: str | None, kind: str) -> AttachedData | None:
    if not name:
        return None
    from sealwright.services.attestation.request import AttachedData, DataType  # noqa: PLC0415 - as above

    data = read_input(name)
    if kind == "auto":
        return AttachedData.guessed(data)
    return AttachedData(data, DataType.JSON if kind == "json" else DataType.BINARY)


def _ended(context: Context, found: Attestation, kept: str | None) -> int:
    from sealwright.services.attestation.reason import reason_of  # noqa: PLC0415 - only here

    document: dict[str, object] = {
        "token": found.token,
        "secured": found.secured,
        "claims": dict(found.claims),
        "exchange": found.exchange.document(),
    }
    reason = reason_of(found, found.examination)
    if found.error is not None:
        document["error"] = error_body(found.error)
    if reason is not None:
        document["reason"] = _reason_body(reason)
    context.output.result(document, f"{found.token}\n" if found.token else "", output=kept)
    if found.error is not None:
        if not context.output.json:
            _tell_reason(context, reason, found.error)
            report(found.error, context.output)
        return exit_code(found.error)
    for note in _notes(found):
        context.output.note(note)
    expected = found.report is None or found.report.valid or not found.secured
    return HOLDS if expected else DOES_NOT_HOLD


def _reason_body(reason: Reason) -> dict[str, object]:
    return {
        "about": reason.guilty.value,
        "title": reason.title,
        "sentence": reason.sentence,
        "hint": reason.hint,
        "check": reason.check,
        "line": reason.line or None,
    }


def _tell_reason(context: Context, reason: Reason | None, error: AppError) -> None:
    """Say which rule or check refused, unless the service's own words are all that is known."""
    if reason is None or reason.sentence == error.summary:
        return
    for line in (f"{reason.title}.", f"  {reason.sentence}", f"  {reason.hint}"):
        if line.strip():
            context.output.note(line)


def _notes(found: Attestation) -> list[str]:
    notes = [found.details] if found.details else []
    if found.sealed:
        notes.append("The token is sealed: only the guest's TPM, or --unseal-key, opens it.")
    elif found.token and not found.secured:
        notes.append("The token is unsecured: a draft policy proves nothing.")
    return notes


COMMANDS = {"": Command(_arguments, _run)}
