"""What every face of the sandbox works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sealwright.sandbox.access import Access
    from sealwright.sandbox.accounts import Accounts
    from sealwright.sandbox.bearer import AccessTokens
    from sealwright.sandbox.clock import AdjustableClock
    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.faults import Faults
    from sealwright.sandbox.holdings import Holdings
    from sealwright.sandbox.keys import Keys
    from sealwright.sandbox.people import People
    from sealwright.sandbox.region import Region
    from sealwright.sandbox.state import State
    from sealwright.sandbox.vendors import Vendors
    from sealwright.sandbox.wire import Addresses


@dataclass(frozen=True, slots=True)
class Core:
    """The parts of one sandbox; made once, shared by its faces."""

    state: State
    directory: Directory
    holdings: Holdings
    accounts: Accounts
    people: People
    keys: Keys
    clock: AdjustableClock
    faults: Faults
    region: Region
    addresses: Addresses
    tokens: AccessTokens
    access: Access
    vendors: Vendors
    tenant: str
    subscription: str
    """The first one, which roles are given on."""
