"""What stands in the way of a change, and what holds after it, in words for the Review sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.errors import UsageError
from sealwright.services.model import PolicyState, TrustModel
from sealwright.services.policies.review import Obstacle, SignerNeed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sealwright.claims.attestation_type import AttestationType
    from sealwright.errors import AppError
    from sealwright.policy.diagnostics import Diagnostic
    from sealwright.services.model import Provider
    from sealwright.services.policies.review import Review, SignerChoice
    from sealwright.services.reaching.overview import DeployedPolicy
    from sealwright.services.reference import Reference

NO_KEY: Final = "no-key"
NOT_UTF_8: Final = "not-utf-8"
ERRORS: Final = "policy-errors"
SIGNERS: Final = "signers-unreadable"
NEEDS: Final[Mapping[TrustModel, SignerNeed]] = {
    TrustModel.SHARED: SignerNeed.IMPOSSIBLE,
    TrustModel.AAD: SignerNeed.OPTIONAL,
    TrustModel.ISOLATED: SignerNeed.REQUIRED,
}
_SMART: Final = "\u2018\u2019\u201c\u201d"
_BOM: Final = "\ufeff"


def read(data: bytes) -> tuple[str, tuple[Obstacle, ...]]:
    """The policy text in a document, every character kept; what is not UTF-8 cannot be sent."""
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = Obstacle(
            NOT_UTF_8,
            f"The document is not UTF-8: line {line} holds the byte 0x{data[error.start]:02x}.",
            "Save it as UTF-8, then review it again.",
            certain=True,
        )
        return data.decode("utf-8", errors="replace"), (found,)


def diagnose(
    text: str, attestation_type: AttestationType, reference: Reference
) -> tuple[Diagnostic, ...]:
    """Everything that the editor finds in a text; blocking."""
    from sealwright.policy import parse  # noqa: PLC0415 - only when something is reviewed
    from sealwright.policy.checking.linter import lint  # noqa: PLC0415 - as above

    return lint(parse(text), reference.catalogue(), attestation_type)


def of_trust_model(
    provider: Provider, need: SignerNeed, choices: Sequence[SignerChoice], *, known: bool = True
) -> tuple[Obstacle, ...]:
    """What the trust model forbids. `known` is whether the provider's signers could be read."""
    if need is SignerNeed.IMPOSSIBLE:
        return (
            Obstacle(
                "shared",
                f"`{provider.name}` is a shared provider: nobody can change its policies.",
                "Create a provider of your own.",
                certain=True,
            ),
        )
    if known and need is SignerNeed.REQUIRED and not any(choice.accepted for choice in choices):
        return (
            Obstacle(
                NO_KEY,
                f"`{provider.name}` takes only signed policies, and no key here signs for it.",
                "Import the key of one of its signers, or let its owner add one of your keys.",
                certain=True,
            ),
        )
    return ()


def of_signers(error: AppError) -> Obstacle:
    """The provider's signers could not be read, so no key is known to sign for it."""
    return Obstacle(
        SIGNERS,
        f"Its signers cannot be read: {error.summary}",
        error.hint,
        certain=True,
        cause=error,
    )


def of_key_file(review: Review) -> Obstacle | None:
    """What forbids a change that is signed with a key from elsewhere: the provider judges it."""
    free = (NO_KEY, SIGNERS)
    return next((each for each in review.obstacles if each.certain and each.code not in free), None)


def refusal(obstacle: Obstacle) -> AppError:
    """The error for what stands in the way."""
    return obstacle.cause or UsageError(obstacle.message, hint=obstacle.hint)


def of_deployed(problem: AppError | None) -> tuple[Obstacle, ...]:
    """Without knowing what is deployed, neither the change nor the way back can be shown."""
    if problem is None:
        return ()
    text = f"What is deployed now cannot be read: {problem.summary}"
    return (Obstacle("deployed-unreadable", text, problem.hint, certain=False),)


def of_text(
    text: str, diagnostics: Sequence[Diagnostic], attestation_type: AttestationType
) -> tuple[Obstacle, ...]:
    """What the provider will probably refuse about the text."""
    if not text.strip():
        hint = "To go back to the default, reset the policy instead."
        return (Obstacle("empty", "The document is empty.", hint, certain=True),)
    found: list[Obstacle] = []
    errors = [each for each in diagnostics if each.severity == "error"]
    if errors:
        count = f"{len(errors)} error{'s' if len(errors) != 1 else ''}"
        found.append(
            Obstacle(
                ERRORS,
                f"The policy has {count}; the provider will refuse it: {errors[0].message}.",
                "Correct it first." if len(errors) == 1 else "Correct them first.",
                certain=False,
            )
        )
    if text.startswith(_BOM):
        found.append(_byte_order_mark())
    if any(mark in text for mark in _SMART):
        found.append(_smart_quotes(attestation_type))
    return tuple(found)


def _byte_order_mark() -> Obstacle:
    return Obstacle(
        "byte-order-mark",
        "The document begins with a byte order mark; it is sent with it and counts in the hash.",
        "Save it without one unless other tools compute the hash with it.",
        certain=False,
    )


def _smart_quotes(attestation_type: AttestationType) -> Obstacle:
    return Obstacle(
        "smart-quotes",
        f"The {attestation_type.label} policy holds typographic quotes, as word processors make.",
        'The language knows only the straight quote `"`.',
        certain=False,
    )


def afterwards(
    provider: Provider,
    attestation_type: AttestationType,
    deployed: DeployedPolicy | None,
    *,
    reset: bool,
) -> tuple[str, ...]:
    """What holds after the change and how to go back."""
    sentences = [
        f"From then on `{provider.name}` decides every {attestation_type.label} attestation by "
        + ("the default policy." if reset else "this text.")
    ]
    if deployed is None:
        sentences.append("What stands there now is not known, so there is no way back from here.")
    elif deployed.state in (PolicyState.DEFAULT, PolicyState.NONE):
        sentences.append("To go back, reset the policy.")
    else:
        sentences.append("To go back, roll back from History: the earlier text is sent again.")
    return tuple(sentences)


def _keys_that_sign(review: Review) -> str:
    names = [f"`{choice.key.name}`" for choice in review.choices if choice.accepted]
    if not names:
        return "No key here signs for it: bring one with its certificate."
    return f"Choose a key that signs for it, as {', '.join(names)}."


def require_possible(review: Review, signer: str | None) -> None:
    """Refuse what cannot be sent so.

    Raises:
        UsageError: says what stands in the way.
        ServiceError: what had to be known first could not be read.
    """
    blocked = next((each for each in review.obstacles if each.certain), None)
    if blocked is not None:
        raise refusal(blocked)
    if signer is None:
        if review.need is SignerNeed.REQUIRED:
            raise UsageError(
                f"`{review.provider.name}` takes only signed policies.",
                hint=_keys_that_sign(review),
            )
        return
    choice = next((each for each in review.choices if each.key.name == signer), None)
    if choice is None:
        raise UsageError(f"There is no key `{signer}` here.", hint=_keys_that_sign(review))
    if not choice.accepted:
        raise UsageError(choice.reason, hint="Choose a key whose certificate the provider trusts.")
