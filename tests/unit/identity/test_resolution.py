from __future__ import annotations

from service.errors import UserErrorCode
from service.identity.models import CustomerState, Refusal
from service.identity.records import (
    RULE_BORN_WITH,
    RULE_SAME_EVENT,
    CustomerRecord,
    IdentifierRecord,
    Resolution,
    own_key,
)
from service.identity.resolution import Partition
from service.ids import CUSTOMER, IDENTIFIER, LINK, Mint, prefix_of
from tests.unit.examples import AT, NOW, claim

HOUR = 3_600_000


class Batch:
    """Resolves events on one partition, each at a minute of its own."""

    def __init__(self) -> None:
        self.partition = Partition()
        self.mint = Mint(NOW)

    def __call__(self, *keys: str, at: int = AT, message_id: str = "m1", source: str = "test") -> Resolution:
        return self.partition.resolve(claim(*keys, at=at, message_id=message_id, source=source), self.mint)

    def customer(self, customer_id: str) -> CustomerRecord:
        return self.partition.customers[customer_id]

    def customer_of(self, key: str) -> str:
        customer = self.partition.customer_of(key)
        assert customer is not None
        return customer.id


def test_unknown_identifiers_make_a_new_customer() -> None:
    batch = Batch()
    resolved = batch("cookie:a", "device:d")
    assert prefix_of(resolved.customer_id) == CUSTOMER
    assert resolved == Resolution(
        resolved.customer_id, "cookie:a", ("cookie:a", "device:d"), refused=(), created=True
    )
    customer = batch.customer(resolved.customer_id)
    assert customer == CustomerRecord(
        id=resolved.customer_id,
        state=CustomerState.ANONYMOUS,
        version=1,
        created_at=NOW,
        updated_at=NOW,
        first_seen=AT,
        last_seen=AT,
        kinds=customer.kinds,
        is_new=True,
    )
    assert customer.kinds == {"cookie": 1, "device": 1}


def test_a_new_customer_has_an_identifier_of_its_own_beside_the_given_ones() -> None:
    batch = Batch()
    customer_id = batch("cookie:a").customer_id
    own, cookie = batch.partition.identifiers.values()
    assert own.key == own_key(customer_id) == f"customer:{customer_id}"
    assert (own.kind, own.value, own.raw_value, own.customer_id) == (
        "customer",
        customer_id,
        customer_id,
        customer_id,
    )
    assert cookie == IdentifierRecord(
        id=cookie.id,
        key="cookie:a",
        kind="cookie",
        value="a",
        raw_value="a",
        customer_id=customer_id,
        first_seen=AT,
        last_seen=AT,
        is_new=True,
    )
    assert prefix_of(own.id) == prefix_of(cookie.id) == IDENTIFIER
    assert own.id != cookie.id


def test_an_identifier_keeps_its_first_spelling() -> None:
    batch = Batch()
    batch("email:Ann@example.com")
    batch("email:ANN@example.com")
    assert batch.partition.identifiers["email:ann@example.com"].raw_value == "Ann@example.com"


def test_a_known_identifier_finds_its_customer_and_changes_nothing_else() -> None:
    batch = Batch()
    made = batch("cookie:a")
    found = batch("cookie:a", message_id="m2")
    assert found == Resolution(made.customer_id, "cookie:a", ("cookie:a",), refused=(), created=False)
    assert len(batch.partition.customers) == 1
    assert batch.customer(made.customer_id).version == 1


def test_a_new_identifier_attaches_to_the_customer_of_a_known_one_with_a_new_version() -> None:
    batch = Batch()
    made = batch("cookie:a")
    attached = batch("cookie:a", "email:ann@example.com")
    assert attached == Resolution(
        made.customer_id,
        "email:ann@example.com",
        ("email:ann@example.com", "cookie:a"),
        refused=(),
        created=False,
        changed=("identifiers", "state"),
    )
    customer = batch.customer(made.customer_id)
    assert (customer.version, customer.kinds) == (2, {"cookie": 1, "email": 1})
    assert batch.customer_of("email:ann@example.com") == made.customer_id


def test_a_customer_is_known_once_a_person_gave_something_of_themselves() -> None:
    batch = Batch()
    customer_id = batch("cookie:a", "wechat_openid:w", "device:d").customer_id
    assert batch.customer(customer_id).state is CustomerState.ANONYMOUS
    batch("cookie:a", "external:crm:7")
    assert batch.customer(customer_id).state is CustomerState.KNOWN


def test_an_event_that_joins_two_customers_merges_them() -> None:
    batch = Batch()
    older, younger = batch("cookie:a").customer_id, batch("cookie:b").customer_id
    merged = batch("cookie:a", "cookie:b", message_id="m3")
    keys = ("cookie:a", "cookie:b")
    assert merged == Resolution(older, keys[0], keys, refused=(), created=False, absorbed=(younger,))
    assert batch.partition.absorbed == {younger: older}
    assert batch.customer_of("cookie:b") == older
    assert batch.customer_of(own_key(younger)) == older
    survivor = batch.customer(older)
    assert (survivor.version, survivor.kinds) == (2, {"cookie": 2})


def test_of_two_alike_the_older_survives_in_whichever_order_they_are_named() -> None:
    batch = Batch()
    older = batch("cookie:a").customer_id
    batch("device:b")
    batch("cookie:c")
    assert batch("cookie:c", "device:b", "cookie:a").customer_id == older


def test_a_known_customer_survives_an_older_anonymous_one() -> None:
    batch = Batch()
    anonymous = batch("cookie:a").customer_id
    known = batch("email:ann@example.com").customer_id
    assert batch("cookie:a", "email:ann@example.com").customer_id == known
    assert batch.partition.absorbed == {anonymous: known}


def test_of_two_known_customers_the_older_survives() -> None:
    batch = Batch()
    older = batch("phone:+79161234567").customer_id
    younger = batch("email:ann@example.com").customer_id
    assert batch("email:ann@example.com", "phone:+79161234567").customer_id == older
    assert batch.partition.absorbed == {younger: older}


def test_what_the_merging_event_itself_brings_does_not_choose_the_survivor() -> None:
    batch = Batch()
    older, younger = batch("cookie:a").customer_id, batch("cookie:b").customer_id
    resolved = batch("cookie:b", "cookie:a", "email:ann@example.com")
    assert resolved.customer_id == older
    assert batch.partition.absorbed == {younger: older}
    assert batch.customer(older).state is CustomerState.KNOWN


def test_one_event_can_merge_many_customers() -> None:
    batch = Batch()
    ids = [batch(f"cookie:{name}").customer_id for name in "abcd"]
    assert batch(*(f"cookie:{name}" for name in "dcba")).customer_id == ids[0]
    assert batch.partition.absorbed == dict.fromkeys(ids[1:], ids[0])
    assert batch.customer(ids[0]).kinds == {"cookie": 4}


def test_chains_of_merges_within_a_batch_end_at_the_last_survivor() -> None:
    batch = Batch()
    a, b = batch("cookie:a").customer_id, batch("cookie:b").customer_id
    known = batch("email:ann@example.com").customer_id
    batch("cookie:a", "cookie:b")
    batch("cookie:b", "email:ann@example.com")
    assert batch.partition.absorbed == {b: a, a: known}
    assert [batch.partition.survivor(one) for one in (a, b, known)] == [known] * 3
    assert batch("cookie:a").customer_id == known
    assert batch.customer(known).kinds == {"cookie": 2, "email": 1}


def test_the_version_after_a_merge_is_above_all_versions_before_it() -> None:
    batch = Batch()
    survivor = batch("cookie:a").customer_id
    batch("cookie:b")
    for name in "cde":
        batch("cookie:b", f"device:{name}")
    assert batch.customer(batch.customer_of("cookie:b")).version == 4
    batch("cookie:a", "cookie:b")
    assert batch.customer(survivor).version == 5


def test_a_change_tells_when_it_was_made_and_a_mere_sighting_does_not() -> None:
    batch = Batch()
    customer_id = batch("cookie:a").customer_id
    batch.mint = Mint(NOW + HOUR)
    batch("cookie:a")
    assert batch.customer(customer_id).updated_at == NOW
    batch("cookie:a", "device:d")
    assert batch.customer(customer_id).updated_at == NOW + HOUR
    batch.mint = Mint(NOW + 2 * HOUR)
    batch("cookie:b")
    batch("cookie:a", "cookie:b")
    customer = batch.customer(customer_id)
    assert (customer.updated_at, customer.created_at) == (NOW + 2 * HOUR, NOW)


def test_an_event_without_usable_identifiers_makes_a_customer_with_only_its_own() -> None:
    batch = Batch()
    resolved = batch("cookie:null", "email:nobody")
    assert resolved.accepted == ()
    assert resolved.created
    assert resolved.anchor == own_key(resolved.customer_id)
    assert [(one.kind, one.code) for one in resolved.refused] == [
        ("cookie", UserErrorCode.IDENTIFIER_BLOCKED),
        ("email", UserErrorCode.INVALID),
    ]
    assert list(batch.partition.identifiers) == [own_key(resolved.customer_id)]
    assert batch.partition.links == []
    assert batch("cookie:null").customer_id != resolved.customer_id


def test_the_strongest_identifier_is_linked_with_each_of_the_others_and_with_the_customers_own() -> None:
    batch = Batch()
    customer_id = batch("device:d", "cookie:a", "user_id:u", at=AT + 5, message_id="m7", source="web").customer_id
    assert [(one.from_key, one.to_key, one.rule) for one in batch.partition.links] == [
        ("user_id:u", own_key(customer_id), RULE_BORN_WITH),
        ("user_id:u", "cookie:a", RULE_SAME_EVENT),
        ("user_id:u", "device:d", RULE_SAME_EVENT),
    ]
    assert {(one.source, one.message_id, one.at) for one in batch.partition.links} == {("web", "m7", AT + 5)}
    assert {prefix_of(one.id) for one in batch.partition.links} == {LINK}


def test_evidence_is_entered_once_for_a_pair_in_either_direction() -> None:
    batch = Batch()
    batch("cookie:a", "cookie:b")
    batch("cookie:b", "cookie:a", message_id="m2")
    pairs = [(one.from_key, one.to_key) for one in batch.partition.links if one.rule == RULE_SAME_EVENT]
    assert pairs == [("cookie:a", "cookie:b")]


def test_evidence_that_the_graph_has_already_is_not_entered_again() -> None:
    batch = Batch()
    batch("cookie:a", "cookie:b", "device:d")
    batch.partition.links.clear()
    batch("cookie:a", "device:d")
    assert batch.partition.links == []
    batch("cookie:b", "device:d")
    assert [(one.from_key, one.to_key) for one in batch.partition.links] == [("cookie:b", "device:d")]


def test_a_merge_enters_its_evidence_but_no_birth() -> None:
    batch = Batch()
    batch("cookie:a")
    batch("cookie:b")
    batch.partition.links.clear()
    batch("cookie:a", "cookie:b", message_id="m3")
    (link,) = batch.partition.links
    assert (link.from_key, link.to_key, link.rule, link.message_id) == (
        "cookie:a",
        "cookie:b",
        RULE_SAME_EVENT,
        "m3",
    )


def test_a_cookie_was_seen_on_a_device_since_the_first_event_with_both() -> None:
    batch = Batch()
    batch("cookie:a", "cookie:b", "device:d", at=AT)
    batch("cookie:a", "device:d", at=AT + 1)
    batch("email:ann@example.com", "device:d", at=AT + 2)
    assert batch.partition.seen_on == {("cookie:a", "device:d"): AT, ("cookie:b", "device:d"): AT}


def test_customers_and_identifiers_remember_their_first_and_last_event_in_any_order_of_arrival() -> None:
    batch = Batch()
    customer_id = batch("cookie:a", "device:d", at=AT).customer_id
    batch("cookie:a", at=AT + HOUR)
    batch("device:d", at=AT - HOUR)
    seen = {key: (one.first_seen, one.last_seen) for key, one in batch.partition.identifiers.items()}
    assert seen["cookie:a"] == (AT, AT + HOUR)
    assert seen["device:d"] == (AT - HOUR, AT)
    customer = batch.customer(customer_id)
    assert (customer.first_seen, customer.last_seen) == (AT - HOUR, AT + HOUR)


def test_a_survivor_was_seen_when_any_of_the_merged_was() -> None:
    batch = Batch()
    survivor = batch("cookie:a", at=AT).customer_id
    batch("cookie:b", at=AT - HOUR)
    batch("cookie:b", at=AT + HOUR)
    batch("cookie:a", "cookie:b", at=AT)
    customer = batch.customer(survivor)
    assert (customer.first_seen, customer.last_seen) == (AT - HOUR, AT + HOUR)


def test_only_identifiers_that_events_were_seen_with_are_touched() -> None:
    batch = Batch()
    batch("cookie:a", "device:d")
    batch.partition.touched.clear()
    batch("device:d")
    assert list(batch.partition.touched) == ["device:d"]


def test_refusals_of_normalising_are_told_before_those_of_limits() -> None:
    batch = Batch()
    refused = batch("user_id:u1", "user_id:u2", "cookie:null").refused
    assert [(one.kind, one.value, one.code) for one in refused] == [
        ("cookie", "null", UserErrorCode.IDENTIFIER_BLOCKED),
        ("user_id", "u2", UserErrorCode.IDENTIFIER_LIMIT_EXCEEDED),
    ]
    assert all(isinstance(one, Refusal) for one in refused)
