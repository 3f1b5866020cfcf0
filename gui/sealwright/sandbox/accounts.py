"""Applications that may sign in, and the roles that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sealwright.sandbox.records import ApplicationRecord, Assignment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sealwright.sandbox.state import State


class Accounts:
    """Reads and writes principals and role assignments."""

    def __init__(self, state: State) -> None:
        self._state = state

    def applications(self) -> tuple[ApplicationRecord, ...]:
        """All applications; the first is the one that the ready file names."""
        query = "SELECT client_id, object_id, name, secret FROM applications ORDER BY name"
        with self._state.reading() as db:
            return tuple(ApplicationRecord(*row) for row in db.execute(query))

    def application(self, client_id: str) -> ApplicationRecord | None:
        """The application with this client id."""
        wanted = client_id.lower()
        return next((item for item in self.applications() if item.client_id == wanted), None)

    def put_application(self, record: ApplicationRecord) -> None:
        """Add or replace."""
        with self._state.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO applications VALUES (?, ?, ?, ?)",
                (record.client_id.lower(), record.object_id, record.name, record.secret),
            )

    def assignments(self) -> tuple[Assignment, ...]:
        """All role assignments."""
        query = "SELECT id, principal, role, scope FROM assignments ORDER BY scope, id"
        with self._state.reading() as db:
            return tuple(Assignment(*row) for row in db.execute(query))

    def add_assignment(self, item: Assignment) -> None:
        """Give one more role."""
        with self._state.writing() as db:
            db.execute(
                "INSERT INTO assignments VALUES (?, ?, ?, ?)",
                (item.id, item.principal, item.role, item.scope),
            )

    def replace_assignments(self, assignments: Iterable[Assignment]) -> None:
        """Put these in place of all that there are."""
        with self._state.writing() as db:
            db.execute("DELETE FROM assignments")
            db.executemany(
                "INSERT INTO assignments VALUES (?, ?, ?, ?)",
                [(item.id, item.principal, item.role, item.scope) for item in assignments],
            )
