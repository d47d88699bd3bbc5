from __future__ import annotations

import re

import pytest

from service.graph import queries
from service.inputs import Invalid, parsed
from service.leads import repository
from service.leads.models import NEWEST, CreateLeadInput, LeadStatus, UpdateLeadInput

LEAD = {"status": "NEW", "owner": "Ann", "source": "form", "position": "063:1"}


def test_a_lead_has_a_place_in_the_list_of_each_choice_of_filters() -> None:
    assert NEWEST.places(LEAD, LEAD["position"]) == {
        "position": "063:1",
        "statusPosition": "NEW\n063:1",
        "ownerPosition": "Ann\n063:1",
        "sourcePosition": "form\n063:1",
        "statusOwnerPosition": "NEW\nAnn\n063:1",
        "statusSourcePosition": "NEW\nform\n063:1",
        "ownerSourcePosition": "Ann\nform\n063:1",
        "statusOwnerSourcePosition": "NEW\nAnn\nform\n063:1",
    }


def test_nobodys_lead_is_in_no_list_of_an_owner() -> None:
    places = NEWEST.places(LEAD | {"owner": None}, LEAD["position"])
    nobodys = {name for name, place in places.items() if place is None}
    assert nobodys == {NEWEST.name(choice) for choice in NEWEST.choices if "owner" in choice}


def test_each_list_has_an_index_and_a_page() -> None:
    text = (queries.folder() / "schema" / "008_leads.cypher").read_text(encoding="utf-8")
    names = {NEWEST.name(choice) for choice in NEWEST.choices}
    assert set(re.findall(r"ON \(l\.(\w+)\)", text)) == names
    assert {choice: relation.listed for choice, relation in repository.ALL.items()} == {
        choice: NEWEST.name(choice) for choice in NEWEST.choices
    }


def test_open_is_what_may_become_something() -> None:
    assert [status for status in LeadStatus if status.is_open] == [LeadStatus.NEW, LeadStatus.IN_PROCESS]


def test_attributes_may_be_left_out_and_null() -> None:
    form = {"title": "t", "source": "form", "identifiers": [{"kind": "cookie", "value": "c"}]}
    assert parsed(CreateLeadInput, form).attributes is None
    assert parsed(CreateLeadInput, form | {"attributes": None}).attributes is None
    assert parsed(CreateLeadInput, form | {"attributes": {"name": "Ann"}}).attributes == {"name": "Ann"}


def test_converted_is_not_set_by_hand() -> None:
    with pytest.raises(Invalid) as invalid:
        parsed(UpdateLeadInput, {"leadId": "lead_1", "status": "CONVERTED"})
    (error,) = invalid.value.errors
    message = "status: a lead is converted with convertLead, which makes its deal"
    assert (error.message, error.field) == (message, ("status",))
