"""What a caller may ask for in a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, cast

import httpx
import pytest

from service.access.authenticator import Anybody
from service.access.models import ALL_RIGHTS, Caller
from service.api.admission import Admission
from service.api.context import Context
from service.api.execution import Executor
from service.api.rates import NEW_DOCUMENT, Rates
from service.api.refusing import RequestRefused
from service.api.transport import GraphQLEndpoint
from service.reads.types import Types
from tests.unit.api import tiny
from tests.unit.api.tiny import SCHEMA

ANN, BOB = Caller("ann", ALL_RIGHTS), Caller("bob", ALL_RIGHTS)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets time pass, as the library sees it."""
    now = [1_800_000_000.0]
    monkeypatch.setattr("time.time", lambda: now[0])

    def pass_(seconds: float) -> None:
        now[0] += seconds

    return pass_


async def refusal(rates: Rates, caller: Caller, cost: int) -> RequestRefused:
    with pytest.raises(RequestRefused) as caught:
        await rates.spend(caller, cost)
    return caught.value


async def test_each_caller_has_a_minutes_worth(clock: Callable[[float], None]) -> None:
    rates = Rates(1_000)
    await rates.spend(ANN, 600)
    clock(20)
    found = await refusal(rates, ANN, 401)
    assert found.status == 429
    assert found.headers == {"Retry-After": "40"}
    (error,) = found.errors
    assert error["message"] == "This would cost 401, and 400 of 1000 a minute are left. Try again in 40 seconds."
    assert error["extensions"] == {"code": "RATE_LIMITED", "cost": 401, "remaining": 400, "retryAfter": 40}
    # What was refused is not counted, and others are not concerned.
    await rates.spend(ANN, 400)
    await rates.spend(BOB, 1_000)
    assert (await rates.left(ANN), await rates.left(BOB)) == (0, 0)
    await refusal(rates, ANN, 1)
    clock(41)
    assert (await rates.left(ANN), await rates.left(BOB)) == (1_000, 0)
    await rates.spend(ANN, 1_000)


async def test_what_never_fits_is_told_so(clock: Callable[[float], None]) -> None:
    del clock
    (error,) = (await refusal(Rates(1_000), ANN, 1_001)).errors
    assert error["message"] == "The operation would cost 1001; 1000 a minute are allowed. Ask for less at once."


async def test_callers_are_forgotten_and_no_threads_are_started(clock: Callable[[float], None]) -> None:
    rates, before = Rates(1_000), threading.active_count()
    for number in range(100):
        await rates.spend(Caller(f"caller {number}", ALL_RIGHTS), 10)
    clock(61)
    await rates.spend(ANN, 10)
    task = cast("Any", rates._spent.storage).timer
    await task
    await rates.spend(ANN, 10)
    await cast("Any", rates._spent.storage).timer
    assert set(cast("Any", rates._spent.storage).expirations) == {rates._each.key_for("", "ann")}
    assert threading.active_count() == before


def executor(rates: Rates) -> Executor:
    return Executor(Types(SCHEMA, {}), lambda _caller: cast("Context", None), None, Admission(5, 100_000, rates))


async def run(one: Executor, query: str, caller: Caller = ANN) -> dict[str, Any]:
    return await one.run(query=query, variables=None, operation_name=None, caller=caller, may_write=True)


async def test_operations_and_documents_that_are_new_are_paid_for() -> None:
    rates = Rates(1_000)
    one = executor(rates)
    answer = await run(one, "{ hello }")
    assert answer["extensions"] == {
        "cost": {"requested": 1, "limit": 100_000, "remaining": 1_000 - NEW_DOCUMENT - 1}
    }
    assert (await run(one, "{ hello }", BOB))["extensions"]["cost"]["remaining"] == 1_000 - 1
    with pytest.raises(RequestRefused):
        await run(one, "{ nope }")
    assert await rates.left(ANN) == 1_000 - 2 * NEW_DOCUMENT - 1


async def test_who_has_spent_it_is_refused_before_anything_is_looked_at_and_changes_nothing() -> None:
    rates = Rates(1_000)
    one = executor(rates)
    write = 'mutation { write(text: "too late") }'
    await run(one, write, BOB)
    await rates.spend(ANN, 1_000)
    before = list(tiny.written)
    for query in (write, "{ nope }", "{"):
        with pytest.raises(RequestRefused) as caught:
            await run(one, query)
        assert caught.value.status == 429
    assert tiny.written == before


async def test_keys_of_one_name_are_two_callers() -> None:
    rates = Rates(1_000)
    await rates.spend(Caller("shop", ALL_RIGHTS, id="key_1"), 1_000)
    await rates.spend(Caller("shop", ALL_RIGHTS, id="key_2"), 1_000)


async def test_over_http_it_is_429_and_says_when_to_try_again() -> None:
    endpoint = GraphQLEndpoint(executor(Rates(1_000)), Anybody(), max_body_bytes=2_000, timeout_seconds=5)
    transport = httpx.ASGITransport(app=endpoint)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        for number in range(20):
            answer = await client.post("/graphql", json={"query": f"{{ hello }} #{number}"})
        assert answer.status_code == 429
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert answer.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert "data" not in answer.json()
