"""The first policies of a provider that is made: which, from where, what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import anyio.to_thread

from sealwright.claims.attestation_type import AttestationType
from sealwright.cli import shapes
from sealwright.cli.command import FAILED, HOLDS
from sealwright.cli.inputs import read_input
from sealwright.errors import UsageError
from sealwright.services.changes.steps import StepStatus
from sealwright.services.making import InitialPolicy
from sealwright.services.ports import CLOSED

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Sequence

    from sealwright.cli.context import Context
    from sealwright.services.bundle import Services
    from sealwright.services.making import MadePolicy, Making

_PROVIDER: Final = "provider:"
_TEMPLATE: Final = "template:"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A type, and where its policy comes from; `data` of a file."""

    attestation_type: AttestationType
    source: str
    data: bytes | None


def add_policy_options(parser: ArgumentParser) -> None:
    """Which policies the new provider begins with."""
    parser.add_argument(
        "--policy",
        metavar="T=SOURCE",
        action="append",
        default=[],
        help="first policy of a type: a FILE, template:ID or provider:NAME; may repeat",
    )
    parser.add_argument(
        "--key",
        metavar="NAME",
        default="",
        help="key of the vault that signs them for an Isolated provider; default: the first "
        "--signer-key",
    )


def wanted_policies(arguments: Namespace) -> tuple[Wanted, ...]:
    """What the options name; files are read.

    Raises:
        UsageError: not written as TYPE=SOURCE, no such type, or one type twice.
    """
    found: dict[AttestationType, Wanted] = {}
    for pair in arguments.policy:
        name, equals, source = pair.partition("=")
        kind = AttestationType.parse(name) if equals else None
        if kind is None or not source:
            raise UsageError(
                f"`{pair}` names no policy.", hint="Write it as TYPE=SOURCE: sgx=my.policy."
            )
        if kind in found:
            raise UsageError(f"There are two policies for {kind.value}.")
        elsewhere = source.startswith((_PROVIDER, _TEMPLATE))
        found[kind] = Wanted(kind, source, None if elsewhere else read_input(source))
    return tuple(found.values())


def signing_key(arguments: Namespace) -> str:
    """The key that signs the first policies.

    Raises:
        UsageError: none is named.
    """
    key = arguments.key or next(iter(arguments.signer_key), "")
    if not key:
        raise UsageError(
            "An Isolated provider takes signed policies only, and no key is named.",
            hint="Give --signer-key, or --key with the key of one of the signers.",
        )
    return str(key)


async def initial_policies(
    services: Services, wanted: Sequence[Wanted]
) -> tuple[InitialPolicy, ...]:
    """The policies, with templates and other providers looked up.

    Raises:
        UsageError: no such template or provider.
    """
    return tuple([await _initial(services, each) for each in wanted])


async def _initial(services: Services, wanted: Wanted) -> InitialPolicy:
    kind, source = wanted.attestation_type, wanted.source
    if source.startswith(_PROVIDER):
        provider = await services.providers.find(source.removeprefix(_PROVIDER))
        return InitialPolicy(kind, f"provider {provider.name}", source=provider)
    if source.startswith(_TEMPLATE):
        wished = source.removeprefix(_TEMPLATE)
        templates = await anyio.to_thread.run_sync(services.reference.templates)
        fitting = {each.id: each for each in templates if kind in each.types}
        if wished not in fitting:
            known = ", ".join(f"`{each}`" for each in fitting)
            raise UsageError(
                f"There is no template `{wished}` for {kind.value}.", hint=f"There are: {known}."
            )
        text = fitting[wished].text
        return InitialPolicy(kind, f"template {wished}", text.encode("utf-8"))
    return InitialPolicy(kind, f"file {source}", wanted.data)


def emit_made(context: Context, made: Making) -> int:
    """Say what was made, each policy with its proof; 3 when one of them is not proven."""
    provider = made.provider
    if provider is None:
        raise UsageError("Nothing was made.")
    document = dict(shapes.provider(provider))
    lines = [f"Made {provider.name} ({provider.trust_model.value}) at {provider.attest_uri}"]
    if made.policies:
        document["policies"] = [_shape(each) for each in made.policies]
        lines += [_line(each) for each in made.policies]
    if made.closing is not StepStatus.SKIPPED:
        lines.append(_closing(made))
    context.output.result(document, "\n".join(lines) + "\n")
    if made.proven:
        return HOLDS
    what = f"not every policy is proven: set them with `sealwright policy set {provider.name}`."
    if made.closing is not StepStatus.SKIPPED:
        command = f"`sealwright provider update {provider.name} --public-network-access Disabled`"
        what = f"open to the public network still: once all is proven, {command} closes it."
    context.output.note(f"{provider.name} is there, but {what}")
    return FAILED


def _closing(made: Making) -> str:
    if made.closing is StepStatus.DONE:
        return f"Public network access: {CLOSED}, switched off last"
    error = made.closing_error
    why = f"FAILED, {error.summary}" if error is not None else "on still"
    return f"Public network access: {why}"


def _shape(made: MadePolicy) -> dict[str, object]:
    outcome = made.outcome
    return {
        "type": made.policy.attestation_type.value,
        "from": made.policy.origin,
        "status": made.status.value,
        "proven": outcome is not None and outcome.proven,
        "policyHash": outcome.policy_hash if outcome is not None else "",
        "error": made.error.summary if made.error is not None else "",
    }


def _line(made: MadePolicy) -> str:
    kind, outcome = made.policy.attestation_type.value, made.outcome
    if made.error is not None:
        return f"{kind}: FAILED, {made.error.summary} {made.error.hint}".rstrip()
    if outcome is None:
        return f"{kind}: {made.note}"
    return f"{kind}: proven, policy hash {outcome.policy_hash}, from {made.policy.origin}"
