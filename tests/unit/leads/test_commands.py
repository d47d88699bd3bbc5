from __future__ import annotations

from typing import Any

from service.deals.book import Deals, PipelinesNeed
from service.deals.piping import pipeline as pipeline_of
from service.errors import UserErrorCode
from service.graph.books import Books
from service.graph.messages import MessageNeed
from service.identity.book import Identities, IdentityNeed
from service.identity.recording import Recorded
from service.ids import LEAD, prefix_of
from service.inputs import parsed
from service.leads.book import LeadNeed, Leads
from service.leads.commands import ConvertLead, CreateLead, Led, UpdateLead
from service.leads.models import NEWEST, ConvertLeadInput, CreateLeadInput, UpdateLeadInput
from service.positions import position
from tests.unit.examples import NOW, claim, empty_books, written

SALES = ["pip_1", "Sales", [["stg_1", "New", 1, 0.1, "OPEN", False]], 1]
EMAIL = "email:ann@example.org"


def books() -> Books:
    """Empty books, but that a pipeline is known."""
    found = empty_books()
    found[Deals]._pipelines = {"pip_1": pipeline_of(SALES)}
    return found


def create(*keys: str, token: str = "t1", **fields: Any) -> CreateLead:
    identifiers = [dict(zip(("kind", "value"), key.split(":", 1), strict=True)) for key in keys]
    form = {"title": "A car", "source": "test", "identifiers": identifiers, **fields}
    return CreateLead(parsed(CreateLeadInput, form), claim(*keys, message_id=token), f"\ncreateLead\n{token}")


def update(lead_id: str, token: str, **changes: Any) -> UpdateLead:
    return UpdateLead(parsed(UpdateLeadInput, {"leadId": lead_id, **changes}), f"\nupdateLead\n{token}")


def convert(lead_id: str, **fields: Any) -> ConvertLead:
    return ConvertLead(parsed(ConvertLeadInput, {"leadId": lead_id, **fields}))


def created(given: Books, **fields: Any) -> str:
    recorded = create(EMAIL, "cookie:c", **fields).decide(given)
    assert recorded.subject_id is not None
    return recorded.subject_id


def changes_of(given: Books, subject_id: str) -> list[tuple[Any, ...]]:
    rows = written(given)["changes/append"]
    return [(row["kind"], row["fields"], row["owners"]) for row in rows if row["subjectId"] == subject_id]


def test_what_commands_need() -> None:
    lead = create(EMAIL)
    assert lead.needs() == (MessageNeed("\ncreateLead\nt1"), IdentityNeed(evidence=lead.evidence))
    told = create(EMAIL, attributes={"name": "Ann"})
    assert told.needs() == (MessageNeed("\ncreateLead\nt1"), IdentityNeed(opens=True, evidence=told.evidence))
    assert update("lead_1", "t").needs() == (MessageNeed("\nupdateLead\nt"), LeadNeed("lead_1"))
    assert convert("lead_1").needs() == (LeadNeed("lead_1"), PipelinesNeed())


def test_a_lead_hangs_on_the_strongest_identifier_with_its_places() -> None:
    given = books()
    lead_id = created(given, owner="Olga")
    assert prefix_of(lead_id) == LEAD
    rows = written(given)
    lead: dict[str, Any] = {
        "id": lead_id,
        "identifierKey": EMAIL,
        "identifierKeys": [EMAIL, "cookie:c"],
        "leftOutKeys": None,
        "position": position(NOW, lead_id),
        "title": "A car",
        "status": "NEW",
        "owner": "Olga",
        "source": "test",
        "dealId": None,
        "createdAt": NOW,
        "updatedAt": NOW,
    }
    assert rows["leads/create_leads"] == [lead | NEWEST.places(lead, lead["position"])]
    assert [(row["subjectId"], row["messageKind"]) for row in rows["graph/create_messages"]] == [(lead_id, "lead")]
    assert {row["properties"]["messageId"] for row in rows["identity/create_links"]} == {lead_id}
    assert "customers/create_profiles" not in rows


def test_of_what_cannot_be_used_at_all_nothing_is_entered() -> None:
    given = books()
    refused = create("phone:null", "email:nobody").decide(given)
    assert refused.subject_id is None
    assert [(error.code, error.field) for error in refused.errors] == [
        (UserErrorCode.IDENTIFIER_BLOCKED, ("identifiers", "0")),
        (UserErrorCode.INVALID, ("identifiers", "1")),
    ]
    assert not any(written(given).values())


def test_within_a_batch_the_same_key_makes_one_lead() -> None:
    given = books()
    first = create(EMAIL).decide(given)
    again = create("cookie:another").decide(given)
    assert again == Recorded(first.subject_id, first.anchor, duplicate=True)
    assert len(written(given)["leads/create_leads"]) == 1


def test_of_many_conversions_in_a_batch_the_first_makes_the_deal() -> None:
    given = books()
    lead_id = created(given)
    update(lead_id, "t2", owner="Ann").decide(given)
    outcomes = [convert(lead_id, title=f"Deal {n}").decide(given) for n in range(20)]
    deals = written(given)["deals/create_deals"]
    assert [(deal["title"], deal["owner"], deal["source"], deal["identifierKey"]) for deal in deals] == [
        ("Deal 0", "Ann", "test", EMAIL)
    ]
    assert outcomes == [Led(lead_id, deals[0]["id"])] * 20
    assert changes_of(given, lead_id) == [
        ("LEAD_CREATED", [], []),
        ("LEAD_UPDATED", ["owner"], ["Ann"]),
        ("LEAD_UPDATED", ["deal", "status"], ["Ann"]),
    ]
    late = update(lead_id, "t3", status="DISQUALIFIED").decide(given)
    assert [(error.code, error.field) for error in late.errors] == [(UserErrorCode.INVALID, ("status",))]


def test_a_repeated_update_changes_nothing() -> None:
    given = books()
    lead_id = created(given)
    assert update(lead_id, "t2", status="DISQUALIFIED").decide(given) == Led(lead_id)
    assert update(lead_id, "t3", status="NEW").decide(given) == Led(lead_id)
    assert update(lead_id, "t2", status="DISQUALIFIED").decide(given) == Led(lead_id)
    lead = given[Leads].records[lead_id]
    assert (lead["status"], lead["closedAt"], lead["statusPosition"]) == (
        "NEW",
        None,
        f"NEW\n{lead['position']}",
    )


def test_a_lead_of_nobody_at_the_moment_is_not_converted() -> None:
    given = books()
    lead_id = created(given)
    # So it is found between the moment that a value is too widely shared and the move of what hangs on it.
    given[Identities].partition.identifiers[EMAIL].generic = True
    outcome = convert(lead_id).decide(given)
    assert [(error.code, error.field) for error in outcome.errors] == [(UserErrorCode.NOT_FOUND, ("leadId",))]
    assert "deals/create_deals" not in written(given)
