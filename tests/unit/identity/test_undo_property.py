"""Whatever people do to who is who, and in whichever order, undoing all of it leaves what was there before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.identity.assertions import AllowMerge, ForbidMerge, LinkIdentifiers, UnlinkIdentifiers
from service.identity.commands import MergeCustomers, SplitCustomer, Stewarded, UndoIdentityEvent
from tests.unit.examples import AT
from tests.unit.identity.world import World

POOL = [
    *("user_id:u", "user_id:v", "email:a@example.com", "email:b@example.com", "external:crm:1"),
    *(f"cookie:{name}" for name in "abcd"),
    *(f"device:{name}" for name in "ab"),
]
SEEN = st.lists(st.lists(st.sampled_from(POOL), min_size=1, max_size=3), min_size=2, max_size=9)
ACTS = ["merge", "split", "link", "unlink", "forbid", "allow"]


def some(acts: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(acts), max_size=6)


async def met(seen: list[list[str]]) -> World:
    """A world where these were seen together."""
    world = World()
    for number, keys in enumerate(seen):
        await world.see(*keys, at=AT + number % 3, message_id=f"m{number}")
        world.check()
    return world


class People:
    """Who changes things by hand: draws what, and tries it."""

    def __init__(self, world: World, data: st.DataObject) -> None:
        self.world = world
        self.done: list[str] = []
        """The events of the changes, in their order."""
        self._draw = data.draw
        self._undid: dict[str, str] = {}
        """By an event, the one that it took back."""
        self._again: dict[str, str] = {}
        """By an event that was taken back, the one that made it anew."""
        self._tokens = 0

    async def act(self, name: str) -> None:
        """Does one thing, if there is something to do it to."""
        if name == "see":
            keys = self._draw(st.lists(st.sampled_from(POOL), min_size=1, max_size=3))
            await self.world.see(*keys, at=AT + self._draw(st.integers(-5, 5)), message_id=self._token())
            self.world.check()
            return
        command = getattr(self, f"_{name}")()
        if command is None:
            return
        before = self.world.whole(), self.world.barred()
        outcome: Stewarded = await self.world.run(command)
        self.world.check()
        self._check_versions(before[0])
        self._note(command, outcome)
        assert (outcome.event_id is None) == bool(outcome.errors)
        if outcome.event_id is not None:
            self.done.append(outcome.event_id)
            assert {self.world.customer_of[f"customer:{one}"] for one in outcome.customer_ids}
        else:
            assert (self.world.whole(), self.world.barred()) == before

    def _check_versions(self, before: dict[str, tuple[int, set[str]]]) -> None:
        """A customer that has other identifiers than before has a higher version, and any other the same."""
        for customer_id, (version, keys) in self.world.whole().items():
            version_before, keys_before = before.get(customer_id, (0, set()))
            assert version > version_before if keys != keys_before else version == version_before

    async def undo_all(self) -> None:
        """Takes everything back, the last first."""
        for event_id in reversed(self.done):
            while self.world.event(event_id)["undone"]:
                event_id = self._again[event_id]
            command = UndoIdentityEvent(event_id, "a mistake", "Olga", self._token())
            outcome = await self.world.run(command)
            self.world.check()
            assert outcome.errors == ()
            assert self.world.event(event_id)["undone"]
            self._note(command, outcome)

    def _note(self, command: object, outcome: Stewarded) -> None:
        if isinstance(command, UndoIdentityEvent) and outcome.event_id is not None:
            self._undid[outcome.event_id] = command.event_id
            if command.event_id in self._undid:
                self._again[self._undid[command.event_id]] = outcome.event_id

    def _token(self) -> str:
        self._tokens += 1
        return f"t{self._tokens}"

    def _one(self, of: Iterable[str]) -> str:
        return self._draw(st.sampled_from(sorted(of)))

    def _customers(self) -> tuple[str, ...] | None:
        present = sorted(self.world.customers)
        if len(present) < 2:
            return None
        return tuple(self._draw(st.lists(st.sampled_from(present), min_size=2, max_size=3, unique=True)))

    def _merge(self) -> MergeCustomers | None:
        found = self._customers()
        if found is None:
            return None
        token = self._token()
        return MergeCustomers(found, "one person", "Olga", token, dry_run=False, conflicts=lambda _b, _i: ())

    def _split(self) -> SplitCustomer | None:
        large = [group for group in self.world.groups() if len(group) > 1]
        if not large:
            return None
        group = sorted(self._draw(st.sampled_from(sorted(large, key=sorted))))
        leaving = self._draw(st.lists(st.sampled_from(group), min_size=1, max_size=len(group) - 1, unique=True))
        customer_id = self.world.customer_of[group[0]]
        return SplitCustomer(customer_id, tuple(leaving), "two people", "Olga", self._token(), dry_run=False)

    def _pair(self) -> tuple[str, str]:
        visible = {key for key in self.world.customer_of if not key.startswith("customer:")}
        return self._one(visible), self._one(visible)

    def _link(self) -> LinkIdentifiers:
        return LinkIdentifiers(*self._pair(), "one person", "Olga", self._token())

    def _unlink(self) -> UnlinkIdentifiers | None:
        linked = [pair for pair in self.world.active() if not any(key.startswith("customer:") for key in pair)]
        if not linked:
            return None
        return UnlinkIdentifiers(*self._draw(st.sampled_from(linked)), "two people", "Olga", self._token())

    def _forbid(self) -> ForbidMerge | None:
        found = self._customers()
        return ForbidMerge(found, "twins", "Olga", self._token()) if found else None

    def _allow(self) -> AllowMerge | None:
        if not self.world.bans:
            return None
        ban = self.world.bans[self._one(self.world.bans)]
        both = tuple(ban[end].removeprefix("customer:") for end in ("one", "other"))
        return AllowMerge(both, "no twins", "Olga", self._token())

    def _undo(self) -> UndoIdentityEvent | None:
        """Of anything that ever happened."""
        return self._undo_one_of(one for one in self.world.events if one["kind"] != "MERGE_REFUSED")

    def _undo_last(self) -> UndoIdentityEvent | None:
        """Of what was done last, or of what an event merged."""
        last = self.done[-1:]
        return self._undo_one_of(one for one in self.world.events if one["id"] in last or one["detail"] == "{}")

    def _undo_one_of(self, events: Iterable[dict[str, Any]]) -> UndoIdentityEvent | None:
        found = [one["id"] for one in events if not one["undone"]]
        return UndoIdentityEvent(self._one(found), "a mistake", "Olga", self._token()) if found else None


@settings(max_examples=200)
@given(SEEN, some([*ACTS, "undo_last"]), st.data())
async def test_undoing_everything_leaves_who_was_who(seen: list[list[str]], acts: list[str], data: Any) -> None:
    world = await met(seen)
    before, barred = world.groups(), world.barred()
    people = People(world, data)
    for name in acts:
        await people.act(name)
    await people.undo_all()
    assert world.groups() == before
    assert world.barred() == barred


@settings(max_examples=200)
@given(SEEN, some([*ACTS, "undo", "see"]), st.data())
async def test_whatever_is_undone_between_a_customer_is_what_hangs_together(
    seen: list[list[str]], acts: list[str], data: Any
) -> None:
    people = People(await met(seen), data)
    for name in acts:
        await people.act(name)
