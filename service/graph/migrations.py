"""Numbered changes of the graph's schema, from `cypher/schema/`, each recorded in the graph with a checksum.

Every statement can be repeated without harm (IF NOT EXISTS, MERGE), so two processes that migrate at once do the
same work twice and agree. The embedded engine does not guard MERGE of a relationship: both may draw it, so that a
later statement must mend that, which each of them runs after its own. A statement under the line `// neo4j` or
`// embedded` is for that engine only.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from typing import Final

from service.errors import Conflict, MigrationChanged, Rejected, ServiceError
from service.graph import queries
from service.graph.client import Graph

_FILE = re.compile(r"(\d{3})_[a-z0-9_]+\.cypher")
_ATTEMPTS: Final = 8
_ONLY: Final = {"// neo4j": False, "// embedded": True}


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: its statements with the engine they are for (None: both)."""

    number: int
    name: str
    checksum: str
    statements: tuple[tuple[bool | None, str], ...]


def all_migrations() -> list[Migration]:
    """All migrations, by number."""
    files = sorted((queries.folder() / "schema").glob("*.cypher"))
    return [_parsed(path.name, path.read_text(encoding="utf-8")) for path in files]


def _parsed(name: str, text: str) -> Migration:
    match = _FILE.fullmatch(name)
    if match is None:
        raise ServiceError(f"{name} is not a migration's name: NNN_what_it_makes.cypher")
    statements = []
    for part in re.split(r";[ \t]*(?:\n|$)", text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        only = next((_ONLY[line] for line in lines if line in _ONLY), None)
        statement = "\n".join(line for line in lines if not line.startswith("//"))
        if statement:
            statements.append((only, statement))
    return Migration(int(match[1]), name, hashlib.sha256(text.encode()).hexdigest(), tuple(statements))


async def pending(graph: Graph) -> list[Migration]:
    """The migrations that the graph does not have yet.

    Raises:
        MigrationChanged: a recorded migration's file has another checksum now.
    """
    recorded = {int(number): str(checksum) for number, checksum in await graph.rows("graph/migrations")}
    migrations = all_migrations()
    for migration in migrations:
        if recorded.get(migration.number, migration.checksum) != migration.checksum:
            raise MigrationChanged(
                f"{migration.name} was applied and has been edited since. Restore it, and add a new migration."
            )
    return [migration for migration in migrations if migration.number not in recorded]


async def migrate(graph: Graph) -> list[str]:
    """Applies what is pending; returns the names of the applied files."""
    applied = []
    for migration in await pending(graph):
        for only, statement in migration.statements:
            if only is None or only is graph.embedded:
                await _insist(graph, statement)
        await _record(graph, migration)
        applied.append(migration.name)
    return applied


async def _insist(graph: Graph, statement: str) -> None:
    """Runs a statement, again when another process does the same at this moment."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            await graph.change_schema(statement)
            return
        except (Conflict, Rejected):
            if attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(0.05 * attempt)


async def _record(graph: Graph, migration: Migration) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with graph.transaction() as transaction:
                await transaction.write(
                    "graph/record_migration",
                    number=migration.number,
                    name=migration.name,
                    checksum=migration.checksum,
                    at=time.time_ns() // 1_000_000,
                )
            return
        except Conflict:
            if attempt == _ATTEMPTS:
                raise
            await asyncio.sleep(0.05 * attempt)
