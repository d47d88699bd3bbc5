from __future__ import annotations

from service.identity.repository import CUSTOMER
from service.reads.levels import Level, Subquery
from service.reads.relations import Relation
from service.reads.statements import ROOT, parameter, reference, statement

OF_KEY = Relation("customers/of_identifier", end="c", type="Customer")
NEWEST = Relation("touchpoints/newest", CUSTOMER, "t", "Touchpoint")
IDENTIFIERS = Relation("identity/of_customer", CUSTOMER, "i", "Identifier")


def level(variable: str, *columns: str | Subquery) -> Level:
    return Level(variable, list(columns))


def test_a_parameter_has_the_number_of_its_subquery() -> None:
    assert parameter("limit", 3) == "limit_3"
    assert reference("limit", 3, {"limit_3"}) == "$limit_3"
    assert reference("limit", 3, {"limit_2"}) == "p.limit_3"


def test_a_root_without_columns_still_answers_its_number() -> None:
    assert statement(level(ROOT), ()) == "UNWIND $batch AS p\nWITH\n  p.n AS p_0\nRETURN collect([p_0])"


def test_columns_are_in_their_order() -> None:
    assert statement(level(ROOT, "p.b", "p.a"), ()) == (
        "UNWIND $batch AS p\nWITH\n  p.n AS p_0,\n  p.b AS p_1,\n  p.a AS p_2\nRETURN collect([p_0, p_1, p_2])"
    )


def test_subqueries_nest_and_parameters_are_shared_or_of_the_row() -> None:
    inner = Subquery(2, IDENTIFIERS, "c1", level("i2", "i2.kind"))
    root = level(ROOT, Subquery(1, OF_KEY, "p.k_1", level("c1", "c1.id", inner)))
    shape = """UNWIND $batch AS p
WITH
  p.n AS p_0,
  COLLECT {{
    MATCH (:Identifier {{key: p.k_1}})-[:IDENTIFIES]->(c1:Customer)
    WITH
      c1.id AS c1_0,
      COLLECT {{
        MATCH (c1)<-[:IDENTIFIES]-(i2:Identifier)
        WHERE i2.kind <> 'customer' AND ({0} IS NULL OR i2.kind IN {0})
        WITH p, i2 ORDER BY i2.firstSeenAt, i2.id
        RETURN [i2.kind]
      }} AS c1_1
    RETURN [c1_0, c1_1]
  }} AS p_1
RETURN collect([p_0, p_1])"""
    assert statement(root, ()) == shape.format("p.kinds_2")
    assert statement(root, {"kinds_2"}) == shape.format("$kinds_2")


def test_an_entry_finds_its_start_by_its_key_and_calls_carry_the_row() -> None:
    root = level(ROOT, Subquery(1, NEWEST, "p.key", level("t1", "t1.id"), entry=True))
    assert (
        statement(root, {"limit_1"})
        == """UNWIND $batch AS p
WITH
  p.n AS p_0,
  COLLECT {
    MATCH (c0:Customer {id: p.key})
    MATCH (c0)<-[:IDENTIFIES]-(i1:Identifier)
    CALL (i1, p) {
      MATCH (i1)-[:MADE]->(t1:Touchpoint)
      USING INDEX t1:Touchpoint(identifierKey, position)
      WHERE t1.identifierKey = i1.key AND t1.position >= p.from_1 AND t1.position < p.before_1
        AND (p.types_1 IS NULL OR t1.type IN p.types_1)
        AND (p.channels_1 IS NULL OR t1.channel IN p.channels_1)
        AND (p.campaign_1 IS NULL OR t1.campaignName = p.campaign_1)
      RETURN t1
      ORDER BY t1.identifierKey DESC, t1.position DESC
      LIMIT $limit_1
    }
    WITH p, t1 ORDER BY t1.position DESC LIMIT $limit_1
    RETURN [t1.id]
  } AS p_1
RETURN collect([p_0, p_1])"""
    )


def test_an_entry_without_a_start_node_is_found_by_the_fragment_itself() -> None:
    text = statement(level(ROOT, Subquery(1, OF_KEY, "p.key", level("c1", "c1.id"), entry=True)), ())
    assert text.count("MATCH") == 1
    assert "MATCH (:Identifier {key: p.key})-[:IDENTIFIES]->(c1:Customer)" in text


def test_without_a_relation_there_is_a_row_for_each_item_of_a_list() -> None:
    root = level(
        ROOT, Subquery(1, None, "p.results", level("e1", Subquery(2, OF_KEY, "e1.anchor", level("c2", "c2.id"))))
    )
    assert (
        statement(root, ())
        == """UNWIND $batch AS p
WITH
  p.n AS p_0,
  COLLECT {
    UNWIND p.results AS e1
    WITH
      COLLECT {
        MATCH (:Identifier {key: e1.anchor})-[:IDENTIFIES]->(c2:Customer)
        RETURN [c2.id]
      } AS e1_0
    RETURN [e1_0]
  } AS p_1
RETURN collect([p_0, p_1])"""
    )


def test_the_same_expression_is_the_same_column_and_a_subquery_is_one_of_its_own() -> None:
    made = Level("c1")
    assert [made.property("id"), made.property("state"), made.expression("c1.id")] == [0, 1, 0]
    one = Subquery(2, OF_KEY, "p.k_2", Level("c2"))
    assert [made.subquery(one), made.subquery(one)] == [2, 3]
    assert made.columns == ["c1.id", "c1.state", one, one]
