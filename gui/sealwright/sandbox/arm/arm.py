"""What the faces of ARM have in common: versions, scopes, and things that must be there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sealwright.sandbox.records import PROVIDER_TYPE, Trust
from sealwright.sandbox.refusals import arm_error, no_group, no_resource, no_subscription

if TYPE_CHECKING:
    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.records import GroupRecord, ProviderRecord, SubscriptionRecord
    from sealwright.sandbox.wire import Call
    from sealwright.tokens.jose import JsonValue

NAMESPACE: Final = "Microsoft.Attestation"
PROVIDER_VERSIONS: Final = ("2020-10-01", "2021-06-01-preview", "2021-06-01")
OLD_VERSION: Final = "2020-10-01"
"""Lacks network access, TPM authentication and link resources (spec rest-api, 8)."""


def provider_version(call: Call) -> str:
    """The api-version of a call to the namespace.

    Raises:
        RefusalError: missing, or not one of the namespace.
    """
    version = required_version(call)
    if version not in PROVIDER_VERSIONS:
        raise arm_error(
            400,
            "NoRegisteredProviderFound",
            "No registered resource provider found for API version "
            f"'{version[:40]}' for type 'attestationProviders'. The supported api-versions are "
            f"'{', '.join(PROVIDER_VERSIONS)}'.",
        )
    return version


def required_version(call: Call) -> str:
    """Any api-version.

    Raises:
        RefusalError: there is none.
    """
    version = call.query.get("api-version", "")
    if not version:
        raise arm_error(
            400,
            "MissingApiVersionParameter",
            "The api-version query parameter (?api-version=) is required for all requests.",
        )
    return version


def subscription_scope(subscription: str) -> str:
    """ARM scope of a subscription."""
    return f"/subscriptions/{subscription}"


def group_scope(subscription: str, group: str) -> str:
    """ARM scope of a group."""
    return f"/subscriptions/{subscription}/resourceGroups/{group}"


def the_subscription(directory: Directory, call: Call) -> SubscriptionRecord:
    """The subscription that the path names.

    Raises:
        RefusalError: 404.
    """
    name = call.arguments["subscription"]
    found = directory.subscription(name)
    if found is None:
        raise no_subscription(name)
    return found


def the_group(directory: Directory, call: Call) -> GroupRecord:
    """The group that the path names.

    Raises:
        RefusalError: 404.
    """
    subscription = the_subscription(directory, call)
    found = directory.group(subscription.id, call.arguments["group"])
    if found is None:
        raise no_group(call.arguments["group"])
    return found


def the_provider(directory: Directory, call: Call) -> ProviderRecord:
    """The provider that the path names.

    Raises:
        RefusalError: 404.
    """
    group = the_group(directory, call)
    found = directory.by_name(call.arguments["name"])
    if found is None or not _belongs(found, group):
        raise no_resource(PROVIDER_TYPE, call.arguments["name"], group.name)
    return found


def _belongs(provider: ProviderRecord, group: GroupRecord) -> bool:
    return (
        provider.trust is not Trust.SHARED
        and provider.subscription == group.subscription
        and provider.group.lower() == group.name.lower()
    )


def tags_of(value: JsonValue) -> dict[str, str]:
    """The tags of a body; ARM's limits hold (spec rest-api, 6.3).

    Raises:
        RefusalError: not an object of texts, too many, or too long.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise arm_error(400, "InvalidTags", "The tags are not an object.")
    tags = {name: str(text) for name, text in value.items() if isinstance(text, str | int)}
    if len(tags) < len(value):
        raise arm_error(400, "InvalidTagValue", "A tag has a value that is not text.")
    too_long = any(len(name) > 512 or len(text) > 256 for name, text in tags.items())  # noqa: PLR2004 - ARM's limits
    if len(tags) > 50 or too_long:  # noqa: PLR2004 - ARM's limit
        raise arm_error(400, "InvalidTags", "There are too many tags, or one is too long.")
    return tags
