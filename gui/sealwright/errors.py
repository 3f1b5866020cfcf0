"""Errors that a person can understand and act on.

Everything the application raises on purpose is an `AppError`: a sentence that says what happened,
and a hint that says what to do next. Anything else that escapes is a bug.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self, Unpack


class AppError(Exception):
    """What happened, in one sentence, and what to do about it.

    Args:
        summary: one sentence, the user's own words in backticks.
        hint: what to do next; empty when there is nothing to advise.
        details: raw facts for the Details view (service code, request id); never a secret.
    """

    code = "Error"

    def __init__(
        self, summary: str, *, hint: str = "", details: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.hint = hint
        self.details = dict(details or {})

    def kept(self) -> Self:
        """The error as a fact to keep: nothing of the stack that raised it lives on with it."""
        self.__traceback__ = self.__cause__ = self.__context__ = None
        return self


class UsageError(AppError):
    """The caller asked for something that cannot be: wrong option, unreadable input."""

    code = "Usage"


class PolicyError(AppError):
    """A policy text does not parse, fails a static check, or failed while it was evaluated."""

    code = "PolicyError"

    def __init__(
        self,
        summary: str,
        *,
        hint: str = "",
        details: Mapping[str, str] | None = None,
        diagnostics: Sequence[object] = (),
    ) -> None:
        super().__init__(summary, hint=hint, details=details)
        self.diagnostics = tuple(diagnostics)


class TokenError(AppError):
    """A token is malformed, wrongly signed, expired, or does not say what it must say."""

    code = "TokenError"


class EvidenceError(AppError):
    """A piece of evidence is malformed; `offset` is the byte where the reading stopped."""

    code = "EvidenceError"

    def __init__(
        self,
        summary: str,
        *,
        offset: int | None = None,
        hint: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(summary, hint=hint, details=details)
        self.offset = offset


class KeyMaterialError(AppError):
    """A key or certificate cannot be used: wrong kind, too short, wrong passphrase, no match."""

    code = "KeyMaterial"


class ServiceFacts(TypedDict, total=False):
    """What else a `ServiceError` is made of, for those that add to it."""

    hint: str
    status: int | None
    service_code: str
    request_id: str
    details: Mapping[str, str]


class ServiceError(AppError):
    """A provider, ARM or the authority refused or failed.

    Args:
        summary: one sentence.
        hint: what to do next.
        status: HTTP status, None when no answer came.
        service_code: the service's own error code, as it was sent.
        request_id: `x-ms-request-id` of the answer, empty when there was none.
        details: further raw facts.
    """

    code = "Service"

    def __init__(  # noqa: PLR0913 - the facts of one answer
        self,
        summary: str,
        *,
        hint: str = "",
        status: int | None = None,
        service_code: str = "",
        request_id: str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(summary, hint=hint, details=details)
        self.status = status
        self.service_code = service_code
        self.request_id = request_id


class UnreachableError(ServiceError):
    """No usable answer came: name, connection, TLS or time-out. Repeating may help."""

    code = "Unreachable"


class NobodyThereError(UnreachableError):
    """Nothing answers at this address, or the name has none."""


class UntrustedError(UnreachableError):
    """The other side showed a certificate that nobody here trusts. Repeating does not help."""


class ProxyError(UnreachableError):
    """The proxy in between lets nothing through. Repeating does not help."""


class RefusedError(ServiceError):
    """Not signed in, or no role (401, 403)."""

    code = "Refused"


class RoleError(RefusedError):
    """Signed in, but no role that is active now allows it: none is held, or it sleeps.

    Args:
        activation: the page where a role of Privileged Identity Management is activated.
    """

    def __init__(
        self, summary: str, *, activation: str = "", **facts: Unpack[ServiceFacts]
    ) -> None:
        super().__init__(summary, **facts)
        self.activation = activation


class ClockError(RefusedError):
    """Times do not hold, for this computer's clock is not that of the other side."""

    code = "Clock"


class SignInError(RefusedError):
    """The authority gives no token: why, and whether the person can clear it by signing in.

    Args:
        needs_person: whether a new sign-in at the browser may help.
        claims: what the authority wants to be asked for then, as JSON.
    """

    code = "SignIn"

    def __init__(
        self,
        summary: str,
        *,
        needs_person: bool = False,
        claims: str = "",
        **facts: Unpack[ServiceFacts],
    ) -> None:
        super().__init__(summary, **facts)
        self.needs_person = needs_person
        self.claims = claims


class RejectedError(ServiceError):
    """The service understood and said no (any other 4xx)."""

    code = "Rejected"


class BadAnswerError(ServiceError):
    """The answer breaks the contract: not JSON, a member missing, a token that does not verify."""

    code = "BadAnswer"


class StorageError(AppError):
    """The local database, a file or the secret store failed: locked, denied, full, unreadable."""

    code = "Storage"


class FileChangedError(StorageError):
    """A file is not as it was read: somebody else wrote it since; it was left alone."""

    code = "FileChanged"


class PinError(StorageError):
    """A token wants its PIN, or another one; it was tried once, and nothing tries it again."""

    code = "Pin"
