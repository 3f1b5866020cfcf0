"""A sandbox put together: its file, its rules and its ASGI application."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.access import Access
from sealwright.sandbox.accounts import Accounts
from sealwright.sandbox.addresses import InProcessAddresses
from sealwright.sandbox.application import Application
from sealwright.sandbox.arm.diagnostics import DiagnosticSettings
from sealwright.sandbox.arm.general import GeneralManagement
from sealwright.sandbox.arm.links import LinkManagement
from sealwright.sandbox.arm.providers import ProviderManagement
from sealwright.sandbox.attestation.face import AttestPlane
from sealwright.sandbox.attestation.roots import Machines
from sealwright.sandbox.bearer import AccessTokens
from sealwright.sandbox.clock import AdjustableClock
from sealwright.sandbox.core import Core
from sealwright.sandbox.data_plane import DataPlane
from sealwright.sandbox.directory import Directory
from sealwright.sandbox.faults import Faults
from sealwright.sandbox.holdings import Holdings
from sealwright.sandbox.keys import Keys
from sealwright.sandbox.managed_identity import NAME, SUBJECT, ManagedIdentity
from sealwright.sandbox.operator import Operator
from sealwright.sandbox.people import FEDERATED, People, settle_home
from sealwright.sandbox.records import (
    GROUP,
    LOCATION,
    ApplicationRecord,
    Assignment,
    GroupRecord,
    ProviderRecord,
    Stamp,
    SubscriptionRecord,
    Trust,
)
from sealwright.sandbox.region import Region
from sealwright.sandbox.roles import Role
from sealwright.sandbox.sign_in.authority import Authority
from sealwright.sandbox.state import State
from sealwright.sandbox.vendors import NO_VENDORS, Vendors
from sealwright.sandbox.wire import Route
from sealwright.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from sealwright.sandbox.wire import Addresses, Call, Reply
    from sealwright.services.ports import Clock

SHARED_PROVIDER: Final = "sharedlocal"
"""The default provider of the one region."""


@dataclass(frozen=True, slots=True)
class SandboxIdentity:
    """How to sign in to a sandbox, and what there is to manage."""

    tenant: str
    subscription: str
    client_id: str
    client_secret: Secret[str] = field(repr=False)
    authority: str
    management: str


class Sandbox:
    """One sandbox. Construction opens its file (blocking); `close` closes it.

    Args:
        open_to_all: answer without bearer tokens.
        operator_key: turns the operator's face on.
        vendors: what real evidence is judged by.
    """

    def __init__(  # noqa: PLR0913 - what a sandbox is made of
        self,
        state: State,
        clock: Clock,
        addresses: Addresses | None = None,
        *,
        open_to_all: bool = False,
        operator_key: Secret[str] | None = None,
        vendors: Vendors = NO_VENDORS,
    ) -> None:
        directory, accounts, keys = Directory(state), Accounts(state), Keys(state)
        adjustable = AdjustableClock(clock)
        places = addresses or InProcessAddresses(directory)
        tenant, subscription = _first_facts(state, directory, accounts)
        people = People(state)
        with state.writing():
            settle_home(people, accounts, tenant, subscription)
            _settle_workload(people, accounts, subscription)
        tokens = AccessTokens(keys, adjustable, people)
        access = Access(
            accounts,
            people,
            directory,
            tokens=tokens,
            addresses=places,
            clock=adjustable,
            tenant=tenant,
            open_to_all=open_to_all,
        )
        self.core = Core(
            state=state,
            directory=directory,
            holdings=Holdings(state),
            accounts=accounts,
            people=people,
            keys=keys,
            clock=adjustable,
            faults=Faults(),
            region=Region(),
            addresses=places,
            tokens=tokens,
            access=access,
            vendors=vendors,
            tenant=tenant,
            subscription=subscription,
        )
        operator = () if operator_key is None else Operator(self.core, operator_key).routes()
        self.app = Application(
            self.core,
            front=(
                *operator,
                *ManagedIdentity(self.core).routes(),
                *Authority(self.core).routes(),
                *self._management(),
            ),
            provider=(*DataPlane(self.core).routes(), *AttestPlane(self.core).routes()),
        )

    def _management(self) -> tuple[Route, ...]:
        """ARM's routes; while the region is down, closed for what is in it."""
        faces = (
            GeneralManagement(self.core),
            LinkManagement(self.core),
            DiagnosticSettings(self.core),
            ProviderManagement(self.core),
        )
        return tuple(self._while_up(item) for face in faces for item in face.routes())

    def _while_up(self, item: Route) -> Route:
        def handler(call: Call) -> Reply:
            self.core.region.require_management(call, self.core.directory)
            return item.handler(call)

        return Route(item.method, item.pattern, handler)

    @property
    def identity(self) -> SandboxIdentity:
        """The first application's credentials, and where to use them."""
        application = self.core.accounts.applications()[0]
        return SandboxIdentity(
            tenant=self.core.tenant,
            subscription=self.core.subscription,
            client_id=application.client_id,
            client_secret=Secret(application.secret),
            authority=self.core.addresses.authority,
            management=self.core.addresses.management,
        )

    @property
    def machines(self) -> Machines:
        """The pretended machines, whose evidence this sandbox accepts."""
        return Machines(self.core.state)

    def close(self) -> None:
        """Close the file."""
        self.core.state.close()


def open_sandbox(
    path: Path,
    clock: Clock,
    *,
    open_to_all: bool = False,
    operator_key: Secret[str] | None = None,
    vendors: Vendors = NO_VENDORS,
) -> Sandbox:
    """The in-process sandbox of the file at `path`; a new file makes a new sandbox.

    Raises:
        StorageError: the file cannot be opened or is damaged.
    """
    return Sandbox(
        State(path), clock, open_to_all=open_to_all, operator_key=operator_key, vendors=vendors
    )


def _first_facts(state: State, directory: Directory, accounts: Accounts) -> tuple[str, str]:
    """Tenant and first subscription; a new file gets them, with an application that may all."""
    with state.writing():
        kept = state.fact("tenant")
        if kept is None:
            tenant, subscription = str(uuid.uuid4()), str(uuid.uuid4())
            state.put_fact("tenant", tenant.encode())
            state.put_fact("subscription", subscription.encode())
            directory.put_subscription(SubscriptionRecord(subscription, "Sandbox", "Registered"))
            directory.put_group(GroupRecord(subscription, GROUP, LOCATION))
            _first_application(accounts, subscription)
            directory.create(_shared_provider())
            return tenant, subscription
        return kept.decode(), (state.fact("subscription") or b"").decode()


def _shared_provider() -> ProviderRecord:
    stamp = Stamp("sandbox", "Application", "")
    return ProviderRecord(
        key=0,
        name=SHARED_PROVIDER,
        subscription="",
        group="",
        trust=Trust.SHARED,
        location=LOCATION,
        tags={},
        public_network_access="Enabled",
        tpm_authentication="Enabled",
        created=stamp,
        modified=stamp,
    )


def _settle_workload(people: People, accounts: Accounts, subscription: str) -> None:
    """See that the application of workloads, which has no secret, is there."""
    if any(one.name == NAME for one in accounts.applications()):
        return
    own = ApplicationRecord(str(uuid.uuid4()), str(uuid.uuid4()), NAME, "")
    accounts.put_application(own)
    people.trust(own.client_id, FEDERATED, SUBJECT)
    scope, role = f"/subscriptions/{subscription}", Role.ATTESTATION_READER.value
    accounts.add_assignment(Assignment(str(uuid.uuid4()), own.object_id, role, scope))


def _first_application(accounts: Accounts, subscription: str) -> None:
    application = ApplicationRecord(
        str(uuid.uuid4()), str(uuid.uuid4()), "Sandbox administrator", secrets.token_urlsafe(30)
    )
    accounts.put_application(application)
    accounts.replace_assignments(
        [
            Assignment(
                str(uuid.uuid4()),
                application.object_id,
                Role.OWNER.value,
                f"/subscriptions/{subscription}",
            )
        ]
    )
