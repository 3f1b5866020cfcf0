"""Tenants, the people in them, and what stands in their way."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from sealwright.sandbox.records import (
    LOCATION,
    Assignment,
    GroupRecord,
    SubscriptionRecord,
    TenantRecord,
    UserRecord,
)
from sealwright.sandbox.roles import Role

if TYPE_CHECKING:
    from sealwright.sandbox.accounts import Accounts
    from sealwright.sandbox.directory import Directory
    from sealwright.sandbox.state import State

HOME_DOMAIN: Final = "sandbox.invalid"
"""Domain of the tenant that every sandbox has."""
CERTIFICATE: Final = "certificate"
FEDERATED: Final = "federated"

_PEOPLE: Final = (
    ("owner", "Olga Owner", Role.OWNER),
    ("contributor", "Carl Contributor", Role.ATTESTATION_CONTRIBUTOR),
    ("reader", "Rita Reader", Role.ATTESTATION_READER),
    ("nobody", "Nils Nobody", None),
)


class People:
    """Reads and writes tenants, users, their obstacles, and the proofs that applications give."""

    def __init__(self, state: State) -> None:
        self._state = state

    def tenants(self) -> tuple[TenantRecord, ...]:
        """All tenants, by domain."""
        query = "SELECT id, name, domain FROM tenants ORDER BY domain"
        with self._state.reading() as db:
            return tuple(TenantRecord(*row) for row in db.execute(query))

    def tenant(self, id_or_domain: str) -> TenantRecord | None:
        """The tenant of this id or domain."""
        wanted = id_or_domain.lower()
        return next((one for one in self.tenants() if wanted in (one.id, one.domain)), None)

    def put_tenant(self, record: TenantRecord) -> None:
        """Add or replace."""
        with self._state.writing() as db:
            db.execute(
                "INSERT INTO tenants VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE"
                " SET name = excluded.name, domain = excluded.domain",
                (record.id, record.name, record.domain.lower()),
            )

    def users(self, tenant: str = "") -> tuple[UserRecord, ...]:
        """The people of a tenant with its guests, or everybody."""
        query = (
            "SELECT object_id, tenant, upn, name, session FROM users WHERE ? IN ('', tenant)"
            " OR object_id IN (SELECT user FROM guests WHERE tenant = ?) ORDER BY upn"
        )
        with self._state.reading() as db:
            return tuple(UserRecord(*row) for row in db.execute(query, (tenant, tenant)))

    def user(self, upn_or_id: str) -> UserRecord | None:
        """The person with this user name or object id."""
        wanted = upn_or_id.lower()
        return next((one for one in self.users() if wanted in (one.upn, one.object_id)), None)

    def put_user(self, record: UserRecord) -> None:
        """Add or replace."""
        with self._state.writing() as db:
            db.execute(
                "INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT (object_id) DO UPDATE"
                " SET upn = excluded.upn, name = excluded.name, session = excluded.session",
                (record.object_id, record.tenant, record.upn.lower(), record.name, record.session),
            )

    def invite(self, user: UserRecord, tenant: str) -> None:
        """Make a user a guest of another tenant."""
        with self._state.writing() as db:
            db.execute("INSERT OR IGNORE INTO guests VALUES (?, ?)", (user.object_id, tenant))

    def belongs(self, user: UserRecord, tenant: str) -> bool:
        """Whether a user is at home or a guest in a tenant."""
        return any(one.object_id == user.object_id for one in self.users(tenant))

    def tenants_of(self, object_id: str) -> tuple[TenantRecord, ...]:
        """The tenants that a user can use; none for an application."""
        user = self.user(object_id)
        if user is None:
            return ()
        return tuple(one for one in self.tenants() if self.belongs(user, one.id))

    # --- what stands in the way -------------------------------------------------------------

    def obstacle(self, principal: str) -> int:
        """AADSTS number that a principal meets at sign-in, 0 for none."""
        with self._state.reading() as db:
            row = db.execute(
                "SELECT number FROM obstacles WHERE principal = ?", (principal,)
            ).fetchone()
        return 0 if row is None else int(row[0])

    def put_obstacle(self, principal: str, number: int) -> None:
        """Put something in the way of a principal; 0 clears it."""
        with self._state.writing() as db:
            db.execute("DELETE FROM obstacles WHERE principal = ?", (principal,))
            if number:
                db.execute("INSERT INTO obstacles VALUES (?, ?)", (principal, number))

    # --- proofs -----------------------------------------------------------------------------

    def trust(self, client_id: str, kind: str, value: str) -> None:
        """Take a certificate (PEM) or a federated subject as proof of an application."""
        with self._state.writing() as db:
            db.execute(
                "INSERT OR IGNORE INTO trusted_proofs VALUES (?, ?, ?)",
                (client_id.lower(), kind, value),
            )

    def trusted(self, client_id: str, kind: str) -> tuple[str, ...]:
        """What is taken as proof of an application."""
        query = "SELECT value FROM trusted_proofs WHERE client_id = ? AND kind = ?"
        with self._state.reading() as db:
            return tuple(row[0] for row in db.execute(query, (client_id.lower(), kind)))


def settle_home(people: People, accounts: Accounts, tenant: str, subscription: str) -> None:
    """See that the sandbox's own tenant and its people are there."""
    if people.tenant(tenant) is None:
        people.put_tenant(TenantRecord(tenant, "Sandbox", HOME_DOMAIN))
        _settle(people, accounts, tenant, HOME_DOMAIN, subscription)


def settle_tenant(people: People, accounts: Accounts, directory: Directory, name: str) -> str:
    """A further tenant with a subscription, people, and the home's owner as a guest; its id."""
    domain = f"{name.lower()}.{HOME_DOMAIN}"
    found = people.tenant(domain)
    if found is not None:
        return found.id
    tenant, subscription = str(uuid.uuid4()), str(uuid.uuid4())
    people.put_tenant(TenantRecord(tenant, name, domain))
    directory.put_subscription(SubscriptionRecord(subscription, name, "Registered", tenant))
    directory.put_group(GroupRecord(subscription, name.lower(), LOCATION))
    _settle(people, accounts, tenant, domain, subscription)
    guest = people.user(f"owner@{HOME_DOMAIN}")
    if guest is not None:
        people.invite(guest, tenant)
        _give(accounts, guest, Role.ATTESTATION_READER, subscription)
    return tenant


def _settle(
    people: People, accounts: Accounts, tenant: str, domain: str, subscription: str
) -> None:
    for short, name, role in _PEOPLE:
        user = UserRecord(str(uuid.uuid4()), tenant, f"{short}@{domain}", name)
        people.put_user(user)
        if role is not None:
            _give(accounts, user, role, subscription)


def _give(accounts: Accounts, user: UserRecord, role: Role, subscription: str) -> None:
    scope = f"/subscriptions/{subscription}"
    accounts.add_assignment(Assignment(str(uuid.uuid4()), user.object_id, role.value, scope))
