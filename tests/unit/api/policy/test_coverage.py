"""Nothing of the schema is without a rule: who adds a field, an argument or a sort of id decides on it."""

from __future__ import annotations

from collections import Counter

from graphql import is_non_null_type

from service.access.models import Scope
from service.api.by_id import _BY_PREFIX
from service.api.policy.arguments import (
    FIELDS,
    FREE_ARGUMENTS,
    FREE_INPUT_FIELDS,
    ID_TYPES,
    INPUT_FIELDS,
    SEARCHES,
)
from service.api.policy.needs import RULES, TABLES
from service.api.policy.rules import EMPTY, GONE, HIDDEN
from tests.unit.api.policy.schema_walk import SCHEMA, TEXTS, fields, read_arguments, read_inputs, scalar

OURS = {
    # Ids and cursors are random or positions in time, never made of values (DESIGN, 9).
    "id",
    "cursor",
    "startCursor",
    "endCursor",
    "newestCursor",
    "lastCursor",
    "customerId",
    "customerIds",
    "previousCustomerIds",
    "previousIds",
    "deletedId",
}
"""Texts that are shown as they are wherever they stand."""
CLOSED = {
    # The rules of linking and the levels of agreement are words of ours.
    "IdentityLink.rule",
    "MatchEvidence.agreement",
    # Shown once to the administrator who registers the webhook.
    "RegisterWebhookPayload.secret",
    "CreateApiKeyPayload.key",
}


def test_every_field_of_every_type_has_a_rule() -> None:
    without = [f"{type_}.{name}" for type_, name, _ in fields() if name not in RULES.get(type_, {})]
    assert not without, "say in service/api/policy who may see these"


def test_every_rule_is_for_a_field_that_there_is() -> None:
    there = {(type_, name) for type_, name, _ in fields()}
    assert not [one for one in ((type_, name) for type_ in RULES for name in RULES[type_]) if one not in there]


def test_no_type_has_two_tables() -> None:
    assert [name for name, count in Counter(one.type for one in TABLES).items() if count > 1] == []


def test_every_text_is_masked_or_known_to_say_nothing_personal() -> None:
    plain = [
        f"{type_}.{name}"
        for type_, name, field in fields()
        if scalar(field) in TEXTS and name not in OURS and RULES[type_][name].mask is None
    ]
    assert sorted(plain) == sorted(CLOSED)


def test_every_text_that_queries_may_be_asked_by_is_decided_on() -> None:
    open_arguments = [
        f"{field}({name})"
        for field, name, argument in read_arguments()
        if scalar(argument) in TEXTS and name not in FREE_ARGUMENTS and field not in SEARCHES
    ]
    open_fields = [
        f"{type_}.{name}"
        for type_, name, field in read_inputs()
        if scalar(field) in TEXTS
        and (type_, name) not in INPUT_FIELDS
        and name not in FREE_INPUT_FIELDS.get(type_, "").split()
    ]
    assert (open_arguments, open_fields) == ([], [])


def test_what_is_decided_on_arguments_is_of_the_schema() -> None:
    inputs = {(type_, name) for type_, name, _ in read_inputs()}
    assert set(INPUT_FIELDS) <= inputs
    assert {(type_, name) for type_, names in FREE_INPUT_FIELDS.items() for name in names.split()} <= inputs
    assert {name for _, name, _ in read_arguments()} >= FREE_ARGUMENTS
    assert {f"{type_}.{name}" for type_, name, _ in fields()} >= {*FIELDS, *SEARCHES}


def test_what_searches_needs_to_see_personal_data() -> None:
    for one in SEARCHES:
        type_, _, name = one.partition(".")
        assert Scope.PROFILES_PII in RULES[type_][name].scopes


def test_every_sort_of_id_needs_what_its_type_needs() -> None:
    assert set(ID_TYPES) == set(_BY_PREFIX)
    scopes = {one.type: one.scope for one in TABLES}
    for prefix, relation in _BY_PREFIX.items():
        assert {scopes[name] for name in relation.possible_types} == {ID_TYPES[prefix]}, prefix


def test_every_root_field_needs_a_scope_unless_its_arguments_say_which() -> None:
    roots = (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type)
    free = [
        f"{root.name}.{name}"
        for root in roots
        if root is not None
        for name in root.fields
        if not RULES[root.name][name].scopes
    ]
    assert sorted(free) == ["Query.node", "Query.nodes"]
    assert set(free) <= set(FIELDS)


def test_masks_are_of_leaves_and_keep_their_types() -> None:
    for type_, name, field in fields():
        mask = RULES[type_][name].mask
        if mask is None:
            continue
        where = f"{type_}.{name}"
        assert scalar(field) in TEXTS | {"Currency"}, where
        if mask is GONE:
            assert not is_non_null_type(field.type), where
        if mask in (HIDDEN, EMPTY):
            assert is_non_null_type(field.type), where
            assert scalar(field) == ("JSON" if mask is EMPTY else "String"), where
