"""What all operations at a provider's address have in common: the version, and the provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.claims.attestation_type import AttestationType
from sealwright.sandbox.refusals import (
    RefusalError,
    bad_api_version,
    invalid_operation,
    no_provider,
    unsupported_type,
)
from sealwright.sandbox.wire import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from sealwright.sandbox.core import Core
    from sealwright.sandbox.records import ProviderRecord
    from sealwright.sandbox.wire import Call, Reply

VERSIONS: Final = (
    "2020-10-01",
    "2022-08-01",
    "2022-09-01-preview",
    "2023-04-01-preview",
    "2025-06-01",
    "2026-03-11-preview",
)
_ERROR_HEADER_SINCE: Final = "2025-06-01"

_OLD_TPM_NAMES: Final = ("cyrescomponent", "vsmenclave", "vbsenclave")
"""The 2018 names of what is attested, and has its policy, under Tpm today."""

_TYPES: Final = {kind.value.lower(): kind for kind in AttestationType} | dict.fromkeys(
    _OLD_TPM_NAMES, AttestationType.TPM
)
"""What may stand in a path; the aliases of people never do (spec rest-api, 2.1)."""


def versioned(item: Route) -> Route:
    """The route for known api-versions only; from 2025 on errors name their code in a header."""
    return Route(item.method, item.pattern, _checked(item.handler))


def _checked(handler: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def checked(call: Call) -> Reply:
        version = call.query.get("api-version")
        if version not in VERSIONS:
            raise bad_api_version(version)
        try:
            return handler(call)
        except RefusalError as refusal:
            if version >= _ERROR_HEADER_SINCE:
                refusal.headers["x-ms-error-code"] = refusal.code
            raise

    return checked


def asked_type(call: Call) -> AttestationType:
    """The attestation type that the path of a call names.

    Raises:
        RefusalError: there is no such type.
    """
    name = call.arguments["type"]
    kind = _TYPES.get(name.lower())
    if kind is None:
        raise unsupported_type(name)
    return kind


def reached_provider(core: Core, call: Call) -> ProviderRecord:
    """The provider at the address of a call.

    Raises:
        RefusalError: it went away, or takes no calls from the public network.
    """
    found = core.directory.by_name(call.site.provider)
    if found is None:
        raise no_provider(call.site.provider)
    if found.public_network_access == "Disabled":
        raise invalid_operation("Public network access to this provider is disabled.")
    return found
