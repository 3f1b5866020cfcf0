"""The one region that can fail, and its pair."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sealwright.sandbox import keys
from sealwright.sandbox.azure_regions import region
from sealwright.sandbox.records import LOCATION, PAIR
from sealwright.sandbox.refusals import RefusalError

if TYPE_CHECKING:
    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.wire import Call


class Region:
    """After a failure the pair serves the data plane with its own key, and ARM is refused."""

    def __init__(self) -> None:
        self.failed_over = False

    def signing_key(self, location: str) -> str:
        """Name of the key that signs in a region now."""
        elsewhere = location == PAIR or (self.failed_over and location == LOCATION)
        return keys.PAIR if elsewhere else keys.REGION

    def require_management(self, call: Call, directory: Directory) -> None:
        """Let a call to ARM through: what stands in another region can be changed as ever.

        Raises:
            RefusalError: 503 while the region is down that the call is about.
        """
        if self.failed_over and _place(call, directory) == LOCATION:
            raise RefusalError(
                503,
                "ServiceUnavailable",
                "The region is down; its pair answers for attestation only.",
                headers={"retry-after": "30"},
            )


def _place(call: Call, directory: Directory) -> str:
    """Where the provider of a call is, or shall be; empty for a call about none that there is."""
    name = call.arguments.get("name", "")
    found = directory.by_name(name) if name else None
    if found is not None:
        return found.location
    if not name or call.method != "PUT":
        # That there is none, Resource Manager knows without asking the region.
        return ""
    with suppress(RefusalError):
        wanted = call.json().get("location")
        return region(wanted) if isinstance(wanted, str) else LOCATION
    return LOCATION
