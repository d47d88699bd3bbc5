"""The schema: fresh, described, and true to the contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    is_specified_scalar_type,
)
from graphql.utilities import (
    BreakingChangeType,
    DangerousChangeType,
    find_breaking_changes,
    find_dangerous_changes,
)

from service.api.schema import schema

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = ROOT.parent / "shared" / "contract" / "schema.graphql"
OURS = schema._schema

with_contract = pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not beside this checkout")


def described() -> Iterator[tuple[str, str | None]]:
    """Everything of ours that has a description, by its place."""
    for name, type_ in OURS.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(type_):
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{name}.{field}", one.description) for field, one in type_.fields.items())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                yield from ((f"{name}.{field_name}({key})", one.description) for key, one in field.args.items())


def test_the_schema_file_is_fresh() -> None:
    stored = ROOT.joinpath("schema.graphql").read_text(encoding="utf-8")
    assert stored == schema.as_str() + "\n", "renew it: customer-graph schema > schema.graphql"


def test_everything_has_a_description() -> None:
    places = list(described())
    assert len(places) > 200
    assert [place for place, description in places if not (description or "").strip()] == []


def test_descriptions_are_no_placeholders() -> None:
    assert [place for place, text in described() if text and "Contract field" in text] == []


@with_contract
def test_nothing_of_ours_breaks_the_contract() -> None:
    contract = build_schema(CONTRACT.read_text(encoding="utf-8"))
    # What the contract has and we do not have yet is for later; what we have must be as it says.
    later = {
        BreakingChangeType.TYPE_REMOVED,
        BreakingChangeType.FIELD_REMOVED,
        BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
    }
    changes = [change for change in find_breaking_changes(contract, OURS) if change.type not in later]
    assert [change.description for change in changes] == []


@with_contract
def test_defaults_are_those_of_the_contract() -> None:
    contract = build_schema(CONTRACT.read_text(encoding="utf-8"))
    changed = [
        change.description
        for change in find_dangerous_changes(contract, OURS)
        if change.type is DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE
    ]
    assert changed == []
