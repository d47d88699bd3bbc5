"""The whole examination, check by check."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from service.doctor.engine import clocks, disk, engine
from service.doctor.findings import Check, Finding, Patient
from service.doctor.identity import customers, identifiers
from service.doctor.log import continuity
from service.doctor.orphans import chores, orphans, webhooks
from service.doctor.schema import indexes, migrations
from service.errors import NotServing, ServiceError, Unavailable

CHECKS: Final[dict[str, Check]] = {
    "engine": engine,
    "clocks": clocks,
    "disk": disk,
    "migrations": migrations,
    "indexes": indexes,
    "identifiers": identifiers,
    "customers": customers,
    "log": continuity,
    "orphans": orphans,
    "chores": chores,
    "webhooks": webhooks,
}
"""In the order in which they are made: what comes first may be why what comes later fails."""


_MEND: Final = "Mend what is found above first, and run it again."


async def examine(patient: Patient, show: Callable[[str], None] = lambda _check: None) -> dict[str, list[Finding]]:
    """What each check found; `show` is told which one begins."""
    found: dict[str, list[Finding]] = {}
    for name, check in CHECKS.items():
        show(name)
        try:
            found[name] = [finding async for finding in check(patient)]
        except ServiceError as error:
            found[name] = [_failed(name, error)]
            if isinstance(error, (Unavailable, NotServing)) and name == "engine":
                break
        except (LookupError, TypeError, ValueError):
            # What every graph of this release has is not there, or is of another form.
            found[name] = [Finding(name, "what is to be examined is not there as it must be", _MEND)]
    return found


def _failed(name: str, error: ServiceError) -> Finding:
    if isinstance(error, Unavailable | NotServing):
        remedy = "Start the engine, and see that its address, user and password are those of the settings."
        return Finding(name, f"the graph cannot be asked: {error.message}", remedy)
    return Finding(name, f"the check failed: {error.message}", _MEND)
