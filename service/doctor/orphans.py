"""What hangs nowhere, or elsewhere than it says; chores that nobody does; webhooks that cannot be delivered to."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from service.changes import log
from service.doctor.findings import RESTORE, Finding, Found, Patient, Tally
from service.webhooks.messages import SECRET_PREFIX
from service.webhooks.models import WebhookState

SLICE: Final = 2_000
_CHORES: Final = 100
_CHORE_SECONDS: Final = 2.0
"""A service that runs does a chore at once."""
FACTS: Final = (
    "doctor/touchpoints",
    "doctor/orders",
    "doctor/deals",
    "doctor/leads",
    "doctor/tasks",
    "doctor/tickets",
    "doctor/notes",
    "doctor/source_profiles",
    "doctor/stage_changes",
)
"""Queries of what must hang on something."""


async def orphans(patient: Patient) -> Found:
    """Whether each fact hangs on the one identifier that it names."""
    tally = Tally("orphans")
    for query in FACTS:
        name, after = query.partition("/")[2].replace("_", " "), ""
        while rows := await patient.graph.rows(query, after=after, limit=SLICE):
            after = max(one for one, _, _ in rows)
            _hung(tally, name, rows)
    for finding in tally.findings():
        yield finding


def _hung(tally: Tally, name: str, rows: list[list[Any]]) -> None:
    for one, named, on in rows:
        # A source profile's key has a value in it.
        example = "" if name == "source profiles" else one
        if len(on) > 1:
            tally.add(f"{name} hang on several", RESTORE, example)
        elif not on and named is not None:
            tally.add(f"{name} hang on nothing", RESTORE, example)
        elif on and on[0] != named:
            tally.add(f"{name} hang on another than they name", RESTORE, example)


async def chores(patient: Patient) -> Found:
    """Whether something has been left to be looked into."""
    before = await _chores(patient)
    if not before:
        return
    await asyncio.sleep(_CHORE_SECONDS)
    left = before & await _chores(patient)
    if left:
        yield Finding(
            "chores",
            "something about who is who is left to be looked into, and nobody does it",
            "Let a service run on the graph: it does what is left within a minute.",
            len(left),
        )


async def _chores(patient: Patient) -> set[str]:
    return {str(key) for (key,) in await patient.graph.rows("identity/chores", limit=_CHORES)}


async def webhooks(patient: Patient) -> Found:
    """Whether webhooks can go on from where they are."""
    begin, end = await log.begin(patient.graph), await log.end(patient.graph)
    tally = Tally("webhooks")
    for webhook_id, state, at, secret in await patient.graph.rows("doctor/webhooks"):
        anew = "updateWebhook with redeliverAfter: a cursor that the log still has."
        if not isinstance(secret, str) or not secret.startswith(SECRET_PREFIX):
            tally.add("webhooks have no secret to sign with", "deleteWebhook, and register it again.", webhook_id)
        if state not in WebhookState.__members__:
            tally.add("webhooks are in no known state", "updateWebhook with the state ACTIVE.", webhook_id)
        elif state == WebhookState.FAILING.value:
            remedy = "See lastError, mend the endpoint, then updateWebhook with the state ACTIVE."
            tally.add("webhooks are FAILING: nothing is delivered", remedy, webhook_id)
        if int(at) > end:
            tally.add("webhooks stand behind the end of the log", anew, webhook_id)
        elif int(at) < begin:
            tally.add("webhooks stand before the beginning of the log: changes were deleted", anew, webhook_id)
    for finding in tally.findings():
        yield finding
