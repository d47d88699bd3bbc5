"""Mutations of leads, and what tests look at after them."""

from __future__ import annotations

from typing import Any

from service.graph.client import Graph
from tests.integration.asking import Api
from tests.integration.forms import Key, identifiers

LEAD = """id title status source owner createdAt customer { id } duplicateOf { id }
  deal { id title state owner source expectedCloseOn version amount { amount currency } customer { id }
    pipeline { id } stage { name } }"""
_ERRORS = "userErrors { code message field }"
_REFUSED = "refused { identifier { kind value } code }"
CREATE_LEAD = f"""mutation ($input: CreateLeadInput!) {{ createLead(input: $input) {{
  lead {{ {LEAD} }} {_REFUSED} {_ERRORS} }} }}"""
UPDATE_LEAD = f"""mutation ($input: UpdateLeadInput!) {{ updateLead(input: $input) {{
  lead {{ {LEAD} }} {_REFUSED} {_ERRORS} }} }}"""
CONVERT_LEAD = f"""mutation ($input: ConvertLeadInput!) {{ convertLead(input: $input) {{
  lead {{ {LEAD} }} deal {{ id }} {_ERRORS} }} }}"""
LEAD_BY_ID = f"query ($id: ID!) {{ node(id: $id) {{ ... on Lead {{ {LEAD} }} }} }}"
LEADS = """query ($filter: LeadFilter, $first: Int!, $after: String) {
  leads(filter: $filter, first: $first, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"""
LEADS_OF = """query ($by: CustomerBy!) { customer(by: $by) { leads { nodes { id title duplicateOf { id } } } } }"""


def lead_form(*keys: Key, **more: Any) -> dict[str, Any]:
    """The input of createLead."""
    return {"title": "Wants a car", "source": "form", "identifiers": identifiers(*keys), **more}


async def create_lead(api: Api, *keys: Key, **more: Any) -> dict[str, Any]:
    """A new lead."""
    lead: dict[str, Any] = (await api.done(CREATE_LEAD, input=lead_form(*keys, **more)))["lead"]
    return lead


async def update_lead(api: Api, lead: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The lead after a change that was accepted."""
    changed: dict[str, Any] = (await api.done(UPDATE_LEAD, input={"leadId": lead["id"], **changes}))["lead"]
    return changed


async def convert_lead(api: Api, lead: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The lead after its conversion."""
    converted: dict[str, Any] = (await api.done(CONVERT_LEAD, input={"leadId": lead["id"], **more}))["lead"]
    return converted


async def lead_of(api: Api, lead: dict[str, Any]) -> dict[str, Any]:
    """A lead as it is now."""
    found: dict[str, Any] = await api.field(LEAD_BY_ID, id=lead["id"])
    return found


async def told(graph: Graph, subject_id: str) -> list[list[Any]]:
    """What the log says of something: kind, customer, fields, owners, in order."""
    return await graph.run(
        """MATCH (c:Change) WHERE c.subjectId = $id WITH c ORDER BY c.place
           RETURN c.kind, c.customerId, c.fields, c.owners""",
        id=subject_id,
    )
