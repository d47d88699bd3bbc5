"""The graph's schema: migrations, and the constraints and indexes that they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from service.doctor.findings import Finding, Found, Patient
from service.graph.migrations import Migration, all_migrations

_MADE: Final = re.compile(
    r"CREATE (?P<sort>CONSTRAINT|INDEX) (?P<name>\w+) IF NOT EXISTS FOR \(\w+:(?P<label>\w+)\) "
    r"(?:REQUIRE|ON) (?P<properties>.+?)(?: IS UNIQUE)?$"
)
_GONE: Final = re.compile(r"DROP (?:CONSTRAINT|INDEX) (\w+) IF EXISTS")
_MIGRATE: Final = "Run `customer-graph migrate`."

Place = tuple[str, tuple[str, ...]]
"""A label and its properties."""


async def migrations(patient: Patient) -> Found:
    """Whether the graph's migrations are those of this release."""
    recorded = {int(number): str(checksum) for number, checksum in await patient.graph.rows("graph/migrations")}
    ours = {one.number: one for one in all_migrations()}
    for number, one in ours.items():
        if number not in recorded:
            yield Finding("migrations", f"{one.name} is not applied", _MIGRATE)
        elif recorded[number] != one.checksum:
            yield Finding(
                "migrations",
                f"{one.name} was applied and has been edited since",
                "Install the release again; put a change of your own into a migration of its own.",
            )
    for number in sorted(recorded.keys() - ours.keys()):
        yield Finding(
            "migrations",
            f"migration {number} is of a later release",
            "Install the release that the graph was last used with, or a later one.",
        )


async def indexes(patient: Patient) -> Found:
    """Whether all constraints and indexes are there, and can be used."""
    constraints, others = made(all_migrations(), embedded=patient.graph.embedded)
    there = {
        _place(labels, properties): (state, percent)
        for labels, properties, state, percent in await patient.graph.rows("doctor/indexes")
        if labels and properties
    }
    guarded = {_place(*row) for row in await patient.graph.rows("doctor/constraints") if row[0] and row[1]}
    for place, name in constraints.items():
        if place not in guarded:
            yield Finding(
                "indexes",
                f"the constraint {name} on {_written(place)} is missing",
                f"Make it again as in cypher/schema: CREATE CONSTRAINT {name} …; first remove what it forbids.",
            )
    for place, name in {**constraints, **others}.items():
        state, percent = there.get(place, (None, 0))
        if state is None and place in others:
            yield Finding(
                "indexes",
                f"the index {name} on {_written(place)} is missing",
                f"Make it again as in cypher/schema: CREATE INDEX {name} ….",
            )
        elif state is not None and state != "ONLINE":
            yield Finding(
                "indexes",
                f"the index {name} on {_written(place)} is {state} ({percent:.0f} %)",
                "Wait until it is populated; if it has failed, drop it and make it again as in cypher/schema.",
            )


def made(every: Iterable[Migration], *, embedded: bool) -> tuple[dict[Place, str], dict[Place, str]]:
    """The names of constraints and of other indexes that migrations leave behind, by place. Pure."""
    names: dict[str, tuple[Place, bool]] = {}
    for migration in every:
        for only, statement in migration.statements:
            if only is not None and only is not embedded:
                continue
            if found := _MADE.match(statement):
                properties = tuple(re.findall(r"\.(\w+)", found["properties"]))
                names[found["name"]] = (found["label"], properties), found["sort"] == "CONSTRAINT"
            elif found := _GONE.match(statement):
                names.pop(found[1], None)
    constraints = {place: name for name, (place, is_constraint) in names.items() if is_constraint}
    others = {place: name for name, (place, is_constraint) in names.items() if not is_constraint}
    return constraints, others


def _place(labels: Sequence[str], properties: Sequence[str]) -> Place:
    return labels[0], tuple(properties)


def _written(place: Place) -> str:
    label, properties = place
    return f"{label}({', '.join(properties)})"
