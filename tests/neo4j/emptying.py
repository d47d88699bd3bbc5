"""Emptying a Neo4j, so that it is as good as a new one to who does not look at its store."""

from __future__ import annotations

from neo4j import GraphDatabase, Query

_NODES = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
_CONSTRAINTS = "SHOW CONSTRAINTS YIELD name RETURN 'DROP CONSTRAINT `' + name + '`' AS statement"
_INDEXES = """SHOW INDEXES YIELD name, type, owningConstraint WHERE owningConstraint IS NULL AND type <> 'LOOKUP'
RETURN 'DROP INDEX `' + name + '`' AS statement"""


def empty(uri: str) -> None:
    """Removes all nodes, constraints and indexes."""
    with GraphDatabase.driver(uri) as driver, driver.session() as session:
        session.run(_NODES).consume()
        for listed in (_CONSTRAINTS, _INDEXES):
            for statement in session.run(listed).value():
                session.run(Query(statement)).consume()
