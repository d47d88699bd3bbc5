"""The engine: which it is, whether its clock and ours agree, and whether there is room for its data."""

from __future__ import annotations

import re
import shutil
import time
from typing import Final

from service.doctor.findings import Finding, Found, Patient

OLDEST_NEO4J: Final = (5, 26)
OLDEST_ARCADEDB: Final = (26, 10)
SKEW_SECONDS: Final = 5.0
"""Between clocks of machines that are set by a time server it is far less."""
AHEAD_SECONDS: Final = 60.0
ROOM_BYTES: Final = 1024**3
"""Less on the disk, and a night of recordings may fill it."""


async def engine(patient: Patient) -> Found:
    """Whether the engine is one that this release is made for."""
    agent = await patient.graph.agent()
    name, version, oldest = release(agent)
    if version is None:
        said = f"the engine calls itself {agent!r}, which is none that is known"
        yield Finding("engine", said, "Use Neo4j or the embedded engine.")
    elif version < oldest:
        wanted, there = (".".join(map(str, one)) for one in (oldest, version))
        yield Finding("engine", f"{name} {there} is older than {wanted}", f"Upgrade it to {wanted} or later.")


def release(agent: str) -> tuple[str, tuple[int, ...] | None, tuple[int, int]]:
    """The engine's name, its version if it is known, and the oldest one that is supported. Pure."""
    for name, pattern, oldest in (
        ("ArcadeDB", r"ArcadeDB[ /](\d+)\.(\d+)", OLDEST_ARCADEDB),
        ("Neo4j", r"^Neo4j/(\d+)\.(\d+)", OLDEST_NEO4J),
    ):
        found = re.search(pattern, agent)
        if found:
            return name, (int(found[1]), int(found[2])), oldest
    return agent, None, OLDEST_NEO4J


async def clocks(patient: Patient) -> Found:
    """Whether the machines agree on what time it is."""
    before = time.time()
    ((engines, graphs),) = await patient.graph.rows("doctor/clock")
    ours = (before + time.time()) / 2
    skew = engines / 1000 - ours
    if abs(skew) > SKEW_SECONDS:
        said = f"the engine's clock is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
        yield Finding("clocks", said, "Set the clocks of both machines by a time server (NTP).")
    if graphs is None:
        remedy = "Run `customer-graph migrate`; if it says that all is done, restore a backup."
        yield Finding("clocks", "the graph has no counter of changes", remedy)
    elif graphs / 1000 - ours > AHEAD_SECONDS:
        said = f"the graph's clock is {graphs / 1000 - ours:.0f} s ahead: a machine with a wrong clock has written"
        remedy = "Set the clocks of all service machines by NTP; times of changes are right once it is that late."
        yield Finding("clocks", said, remedy)


async def disk(patient: Patient) -> Found:
    """Whether there is room in the folder of the embedded engine."""
    if not patient.graph.embedded:
        return
    free = shutil.disk_usage(patient.settings.data).free
    if free < ROOM_BYTES:
        yield Finding(
            "disk",
            f"{free // 1024**2} MiB are free where the data folder is",
            f"Make room: at least {ROOM_BYTES // 1024**2} MiB. With a full disk all writes fail.",
        )
