"""What operations need, found out without executing them."""

from __future__ import annotations

import timeit
from typing import Any, cast

import pytest
from graphql import OperationDefinitionNode, parse, validate

from service.access.models import ALL_RIGHTS, Caller, Rights, Scope
from service.api.admission import Admission
from service.api.context import Context
from service.api.execution import Executor
from service.api.policy.needs import Needs
from service.api.refusing import RequestRefused
from service.api.schema import types
from tests.unit.api.policy.schema_walk import SCHEMA

DEAL, CUSTOMER, UNKNOWN = f"deal_{1:032x}", f"cus_{1:032x}", f"shoe_{1:032x}"


def rights(*scopes: str) -> Rights:
    assert ALL_RIGHTS.issuperset(scopes)
    return frozenset(scopes)


def needs(query: str) -> Needs:
    document = parse(query)
    assert validate(SCHEMA, document) == []
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    return Needs(SCHEMA, document, operation)


def missing(query: str, has: Rights, **variables: Any) -> dict[str, str]:
    return needs(query).missing(has, variables)


PROFILES, SALES, JOURNEYS = rights("profiles:read"), rights("sales:read"), rights("journeys:read")
BOTH = PROFILES | JOURNEYS


@pytest.mark.parametrize(
    ("query", "scope", "field"),
    [
        ("{ customers { nodes { id } } }", "profiles:read", "Query.customers"),
        ("{ deals { pageInfo { hasNextPage } } }", "sales:read", "Query.deals"),
        ("{ changes { newestCursor } }", "changes:read", "Query.changes"),
        ("{ webhooks { id } }", "admin", "Query.webhooks"),
        ('{ searchCustomers(text: "Jane") { score } }', "profiles:pii", "Query.searchCustomers"),
        ("subscription { changes { cursor } }", "changes:read", "Subscription.changes"),
        (f'mutation {{ deleteWebhook(input: {{webhookId: "{DEAL}"}}) {{ deletedId }} }}', "admin", ""),
        ('mutation { createTask(input: {title: ""}) { userErrors { code } } }', "sales:write", ""),
        (
            'mutation { updateCustomer(input: {customerId: "", attributes: {}}) { __typename } }',
            "identity:write",
            "",
        ),
    ],
)
def test_a_root_field_needs_the_scope_of_its_domain(query: str, scope: str, field: str) -> None:
    for has in (rights(), ALL_RIGHTS - {scope}):
        found = missing(query, has)
        assert found[scope] == field or not field
    assert missing(query, ALL_RIGHTS) == {}


@pytest.mark.parametrize(
    ("edge", "scope"),
    [
        ("deals { pageInfo { endCursor } }", "sales:read"),
        ("leads { __typename }", "sales:read"),
        ("account { __typename }", "sales:read"),
        ("touchpoints { __typename }", "journeys:read"),
        ("orders { __typename }", "journeys:read"),
        ("sessions { __typename }", "journeys:read"),
        ("summary { revenue { amount } }", "journeys:read"),
        ("summary { openDeals }", "sales:read"),
    ],
)
def test_an_edge_into_another_domain_needs_that_domains_scope(edge: str, scope: str) -> None:
    assert list(missing(f"{{ customers {{ nodes {{ id {edge} }} }} }}", PROFILES)) == [scope]


def test_what_a_deal_leads_back_to_needs_its_scope() -> None:
    assert missing("{ deals { nodes { customer { id } } } }", SALES) == {"profiles:read": "Customer.id"}
    assert missing("{ deals { nodes { attribution { share } } } }", SALES) == {"journeys:read": "Deal.attribution"}


def test_introspection_and_type_names_need_nothing() -> None:
    assert missing('{ __typename __schema { types { name } } __type(name: "Deal") { name } }', rights()) == {}


def test_a_fragment_needs_what_its_own_type_does() -> None:
    query = f'{{ node(id: "{CUSTOMER}") {{ id ...F ... on Order {{ id }} }} }} fragment F on Deal {{ title }}'
    assert missing(query, PROFILES) == {"sales:read": "Deal.title", "journeys:read": "Order.id"}


@pytest.mark.parametrize("way", ["... on Node { id }", "... { ... on Node { id } }", "...F", "...G"])
def test_by_its_interface_a_thing_needs_no_less(way: str) -> None:
    fragments = "fragment F on Node { id } fragment G on Customer { ...F }"
    query = f"{{ deals {{ nodes {{ ...F customer {{ {way} }} }} }} }} {fragments}"
    document = parse(query)
    operation = cast("OperationDefinitionNode", document.definitions[0])
    assert Needs(SCHEMA, document, operation).missing(SALES, {}) == {"profiles:read": "Customer.id"}


def test_an_interface_that_a_thing_does_not_have_is_no_matter() -> None:
    way = "... on Lead { ... on Node { ... on JourneyStep { occurredAt } } }"
    assert missing(f'{{ node(id: "{DEAL}") {{ {way} }} }}', SALES) == {}


def test_only_the_operation_that_is_asked_counts() -> None:
    document = parse("query A { deals { __typename } } query B { customers { __typename } }")
    _, second = document.definitions
    assert isinstance(second, OperationDefinitionNode)
    assert Needs(SCHEMA, document, second).missing(PROFILES, {}) == {}


def test_what_is_not_included_is_not_needed() -> None:
    query = "query ($all: Boolean! = false) { customers { nodes { id deals @include(if: $all) { __typename } } } }"
    assert missing(query, PROFILES) == {}
    assert missing(query, PROFILES, all=False) == {}
    assert missing(query, PROFILES, all=True) == {"sales:read": "Customer.deals"}
    skipped = "query ($no: Boolean!) { customers { nodes { id deals @skip(if: $no) { __typename } } } }"
    assert missing(skipped, PROFILES, no=True) == {}
    assert missing(skipped, PROFILES, no=False) == {"sales:read": "Customer.deals"}
    literal = "{ customers { nodes { id ... @skip(if: true) { deals { __typename } } } } }"
    assert needs(literal).at_most == PROFILES


@pytest.mark.parametrize(
    ("filter_", "scope", "what"),
    [
        ('{attribute: {name: "city", equals: "Ulm"}}', "profiles:pii", "CustomerFilter.attribute"),
        ("{hasOpenDeal: false}", "sales:read", "CustomerFilter.hasOpenDeal"),
        ("{ordersAtLeast: 1}", "journeys:read", "CustomerFilter.ordersAtLeast"),
    ],
)
def test_filtering_needs_what_reading_would(filter_: str, scope: str, what: str) -> None:
    query = f"{{ customers(filter: {filter_}) {{ nodes {{ id }} }} }}"
    assert missing(query, ALL_RIGHTS - {scope}) == {scope: f"{what} of Query.customers"}
    assert missing(query, ALL_RIGHTS) == {}


def test_a_filter_is_found_in_variables_and_in_their_defaults() -> None:
    whole = "query ($f: CustomerFilter) { customers(filter: $f) { nodes { id } } }"
    part = "query ($a: AttributeFilter) { customers(filter: {attribute: $a}) { nodes { id } } }"
    by = {"name": "name", "equals": "Jane"}
    assert list(missing(whole, PROFILES, f={"attribute": by})) == ["profiles:pii"]
    assert list(missing(part, PROFILES, a=by)) == ["profiles:pii"]
    default = 'query ($a: AttributeFilter = {name: "name", equals: "Jane"}) { customers(filter: {attribute: $a}) '
    assert list(missing(default + "{ nodes { id } } }", PROFILES)) == ["profiles:pii"]
    assert missing(default + "{ nodes { id } } }", PROFILES, a=None) == {}
    alike: list[dict[str, Any]] = [{}, {"f": None}, {"f": {}}, {"f": {"state": "KNOWN", "attribute": None}}]
    for harmless in alike:
        assert missing(whole, PROFILES, **harmless) == {}
    # What does not fit its type is refused by the coercion.
    strange: list[Any] = [1, "x", [1], {"no": {}}, {"attribute": None, "orders": 1}]
    for odd in strange:
        assert missing(whole, PROFILES, f=odd) == {}


def test_a_report_by_page_addresses_needs_to_see_them() -> None:
    range_ = 'from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z"'
    query = f"query ($s: [StepInput!]!) {{ funnel(input: {{{range_}, steps: $s}}) {{ steps {{ count }} }} }}"
    assert missing(query, JOURNEYS, s=[{"type": "call"}, {"channel": "web"}]) == {}
    assert missing(query, JOURNEYS, s=[{"type": "call"}, {"pageContains": "jane"}]) == {
        "profiles:pii": "StepInput.pageContains of Query.funnel"
    }
    assert list(missing(query, JOURNEYS, s={"dealStage": "Won"})) == ["sales:read"]


def test_the_exact_look_up_by_an_identifier_needs_no_more_than_reading() -> None:
    query = "query ($by: CustomerBy!) { customer(by: $by) { id } }"
    assert missing(query, PROFILES, by={"email": "jane@example.com"}) == {}


def test_a_node_needs_what_its_id_is_of_whether_it_is_there_or_not() -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    assert missing(query, PROFILES, id=DEAL) == {"sales:read": "Query.node"}
    assert missing(query, PROFILES, id=CUSTOMER) == {}
    assert missing(query, rights(), id=CUSTOMER) == {"profiles:read": "Query.node"}
    assert missing(query, rights(), id=UNKNOWN) == {}
    assert missing(f'{{ node(id: "{DEAL}") {{ __typename }} }}', PROFILES) == {"sales:read": "Query.node"}
    several = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert missing(several, PROFILES, ids=[CUSTOMER, DEAL, 7]) == {"sales:read": "Query.nodes"}
    assert missing(several, PROFILES, ids=DEAL) == {"sales:read": "Query.nodes"}


def test_a_journey_has_sales_in_it_unless_its_filter_leaves_them_out() -> None:
    journey = "journey(filter: {kinds: $k}) { nodes { id } }"
    query = f"query ($k: [JourneyStepKind!]) {{ customers {{ nodes {{ id {journey} }} }} }}"
    assert missing(query, BOTH) == {"sales:read": "Customer.journey with steps other than TOUCHPOINT and ORDER"}
    assert list(missing(query, BOTH, k=["TOUCHPOINT", "NOTE"])) == ["sales:read"]
    assert missing(query, BOTH, k=["TOUCHPOINT", "ORDER"]) == {}
    assert missing(query, BOTH, k="ORDER") == {}
    literal = "{ customers { nodes { id journey(filter: {kinds: [ORDER]}) { nodes { id } } } } }"
    assert missing(literal, BOTH) == {}
    assert list(missing("{ customers { nodes { id journey { nodes { id } } } } }", BOTH)) == ["sales:read"]


def test_who_records_may_read_what_came_of_it_and_no_customer() -> None:
    record = rights("record")
    query = """mutation ($i: RecordTouchpointInput!) { recordTouchpoint(input: $i) {
      duplicate refused { identifier { kind value } code message } userErrors { message } %s } }"""
    assert missing(query % "", record) == {}
    assert missing(query % "customer { id }", record) == {"profiles:read": "Customer.id"}
    assert missing(query % "touchpoint { id }", record) == {"journeys:read": "Touchpoint.id"}


def test_fragments_that_spread_each_other_many_times_cost_their_length() -> None:
    depth = 60
    levels = "".join(f"fragment F{n} on Customer {{ ...F{n + 1} ...F{n + 1} ...F{n + 1} }} " for n in range(depth))
    query = f"{{ customers {{ nodes {{ ...F0 ...F0 }} }} }} {levels} fragment F{depth} on Customer {{ id }}"
    document = parse(query)
    operation = cast("OperationDefinitionNode", document.definitions[0])
    assert Needs(SCHEMA, document, operation).at_most == PROFILES


def test_a_caller_who_has_all_rights_pays_a_microsecond() -> None:
    one = needs("query ($id: ID!) { node(id: $id) { id ... on Deal { title customer { displayName } } } }")
    seconds = min(timeit.repeat(lambda: one.missing(ALL_RIGHTS, {"id": DEAL}), number=10_000, repeat=5)) / 10_000
    assert seconds < 10e-6


async def test_a_request_that_is_denied_is_not_executed() -> None:
    def context(_caller: Caller) -> Context:
        raise AssertionError("executed")

    executor = Executor(types, context, None, Admission(5))
    query = "mutation ($i: CreateTaskInput!) { createTask(input: $i) { task { id } userErrors { code } } }"
    with pytest.raises(RequestRefused) as refused:
        await executor.run(
            query=query,
            variables={"i": {"title": "Call"}},
            operation_name=None,
            caller=Caller("shop", rights(Scope.RECORD.value)),
            may_write=True,
        )
    assert refused.value.status == 403
    assert sorted(one["message"] for one in refused.value.errors) == [
        "Mutation.createTask needs the scope sales:write.",
        "Task.id needs the scope sales:read.",
    ]
    assert {one["extensions"]["code"] for one in refused.value.errors} == {"FORBIDDEN"}
