from __future__ import annotations

import hashlib
import re

import pytest

from service.errors import ServiceError
from service.graph.migrations import Migration, _parsed, all_migrations

TEXT = """// What this is for: a comment.
CREATE INDEX one IF NOT EXISTS FOR (n:One) ON (n.id);

// Only there.
// neo4j
CREATE INDEX two IF NOT EXISTS
  FOR (n:Two) ON (n.id);
// embedded
CREATE (n:Three) DELETE n;
// A semicolon in a line; is not the end of a statement.
MERGE (n:Four {name: 'a;b'})
ON CREATE SET n.position = 1;
"""


def test_a_migration_is_its_statements_each_for_both_engines_or_one() -> None:
    assert _parsed("007_some_things.cypher", TEXT) == Migration(
        7,
        "007_some_things.cypher",
        hashlib.sha256(TEXT.encode()).hexdigest(),
        (
            (None, "CREATE INDEX one IF NOT EXISTS FOR (n:One) ON (n.id)"),
            (False, "CREATE INDEX two IF NOT EXISTS\nFOR (n:Two) ON (n.id)"),
            (True, "CREATE (n:Three) DELETE n"),
            (None, "MERGE (n:Four {name: 'a;b'})\nON CREATE SET n.position = 1"),
        ),
    )


def test_any_edit_changes_the_checksum() -> None:
    changed = _parsed("007_some_things.cypher", TEXT.replace("comment", "remark"))
    assert changed.checksum != _parsed("007_some_things.cypher", TEXT).checksum


def test_the_last_statement_needs_no_line_after_it() -> None:
    whole = _parsed("001_a.cypher", "CREATE (a:A);\nCREATE (b:B);\n").statements
    assert _parsed("001_a.cypher", "CREATE (a:A);\nCREATE (b:B)").statements == whole
    assert _parsed("001_a.cypher", "CREATE (a:A);\nCREATE (b:B);").statements == whole


@pytest.mark.parametrize(
    "name",
    ["7_a.cypher", "0007_a.cypher", "007.cypher", "007_.cypher", "007_A.cypher", "007-a.cypher", "007_a.txt"],
)
def test_a_file_that_is_not_named_like_a_migration_is_an_error(name: str) -> None:
    with pytest.raises(ServiceError, match=f"^{re.escape(name)} is not a migration's name"):
        _parsed(name, "")


def test_the_projects_migrations_are_numbered_without_gaps() -> None:
    migrations = all_migrations()
    assert [one.number for one in migrations] == list(range(1, len(migrations) + 1))
    assert migrations[0].name == "001_identity_and_facts.cypher"


@pytest.mark.parametrize("migration", all_migrations(), ids=lambda one: str(one.name))
def test_every_statement_of_the_project_can_be_repeated(migration: Migration) -> None:
    assert migration.statements
    for only, statement in migration.statements:
        guarded = "IF NOT EXISTS" in statement or "MERGE" in statement
        made_and_removed = only is True and statement.startswith("CREATE (") and "\nDELETE " in statement
        assert guarded or made_and_removed or only_takes_away(statement) or only_sets(statement), statement


def only_takes_away(statement: str) -> bool:
    """Whether it makes nothing: what is gone stays gone."""
    return statement.startswith("DROP ") or not re.search(r"\b(CREATE|MERGE|SET)\b", statement)


def only_sets(statement: str) -> bool:
    """Whether it gives properties values that do not depend on what they were, and takes others away."""
    if re.search(r"\b(CREATE|MERGE|DELETE)\b", statement):
        return False
    values = re.findall(r"(\w+\.\w+) = (.+)", statement.partition("SET ")[2].partition("REMOVE ")[0])
    return bool(values) and all(name not in value for name, value in values)
