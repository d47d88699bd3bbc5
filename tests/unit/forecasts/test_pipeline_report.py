"""Reports on a pipeline: small histories, every number by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from service.deals.models import Pipeline, Stage, StageKind
from service.errors import BadInput
from service.forecasts.models import History, Move, Range
from service.forecasts.pipeline_report import PipelineReport, StageTally

KINDS = {"new": "OPEN", "talk": "OPEN", "offer": "OPEN", "won": "WON", "lost": "LOST"}
PIPELINE = Pipeline(
    "p",
    "Sales",
    tuple(
        Stage(one, one, number, 0.5, StageKind(kind), "p") for number, (one, kind) in enumerate(KINDS.items(), 1)
    ),
)


def deal(
    *moves: tuple[int, str], amount: str | None = None, currency: str = "EUR", reason: str | None = None
) -> History:
    """A deal that came to stages at times."""
    last: tuple[int, str] | None = None
    told = []
    for at, entered in moves:
        told.append(Move(at, last[1] if last else None, entered, at - last[0] if last else None, None))
        last = (at, entered)
    return History(moves[0][0], amount, currency if amount else None, reason, told)


def report(*deals: History, start: int = 100, end: int = 200, former: tuple[Stage, ...] = ()) -> PipelineReport:
    counted = PipelineReport(PIPELINE, Range(start, end), former)
    counted.add_all(deals)
    return counted


def counts(counted: PipelineReport) -> dict[str, tuple[int, int, int | None, int]]:
    """Entered, moved, average time and open deals of the stages in which anything was."""
    return {
        stage_id: (one.entered, one.moved, one.average_millis, one.open_deals)
        for stage_id, one in counted.stages.items()
        if one != StageTally()
    }


def test_a_deal_that_goes_its_way() -> None:
    counted = report(deal((100, "new"), (110, "talk"), (140, "offer"), (199, "won"), amount="5"))
    assert counts(counted) == {
        "new": (1, 1, 10, 0),
        "talk": (1, 1, 30, 0),
        "offer": (1, 1, 59, 0),
        "won": (1, 0, None, 0),
    }
    assert (counted.won, counted.lost, counted.average_millis_to_win) == (1, 0, 99)
    assert [counted.converts(one) for one in KINDS] == [True, True, True, False, False]


def test_from_is_in_the_range_and_to_is_not() -> None:
    assert counts(report(deal((99, "new"), (200, "talk")))) == {"new": (0, 0, None, 1)}
    assert counts(report(deal((100, "new"), (200, "won")))) == {"new": (1, 0, None, 1)}
    assert counts(report(deal((50, "new"), (100, "talk")))) == {"new": (0, 0, 50, 0), "talk": (1, 0, None, 1)}
    assert counts(report(deal((200, "new")))) == {}


def test_a_stage_that_was_jumped_over_was_not_entered() -> None:
    assert counts(report(deal((110, "new"), (120, "offer")))) == {"new": (1, 1, 10, 0), "offer": (1, 0, None, 1)}


def test_a_deal_is_counted_once_however_often_it_comes() -> None:
    # Back and forth: twice in talk, 10 and 20 long; it moved on from it after its first coming.
    counted = report(deal((110, "new"), (120, "talk"), (130, "new"), (135, "talk"), (155, "offer")))
    assert counts(counted) == {"new": (1, 1, 8, 0), "talk": (1, 1, 15, 0), "offer": (1, 0, None, 1)}


def test_back_or_lost_is_not_on() -> None:
    counted = report(deal((110, "offer"), (120, "new")), deal((110, "talk"), (130, "lost"), reason="price"))
    assert counts(counted) == {
        "new": (1, 0, None, 1),
        "talk": (1, 0, 20, 0),
        "offer": (1, 0, 10, 0),
        "lost": (1, 0, None, 0),
    }
    assert (counted.won, counted.lost, dict(counted.lost_reasons)) == (0, 1, {"price": 1})


def test_what_was_before_a_stage_was_entered_in_the_range_is_no_moving_on() -> None:
    # It came to talk from offer: having been in offer before does not count.
    assert counts(report(deal((90, "offer"), (110, "talk"))))["talk"] == (1, 0, None, 1)


def test_a_deal_counts_as_it_stands_at_the_end() -> None:
    reopened = deal((90, "new"), (110, "won"), (120, "offer"), (150, "lost"), reason="price")
    counted = report(reopened)
    assert (counted.won, counted.lost) == (0, 1)
    assert counts(counted)["won"] == (1, 0, 10, 0)  # It had stood as won for 10.
    assert counts(counted)["offer"] == (1, 0, 30, 0)
    # Told as of earlier times it was won, then open.
    assert (report(reopened, end=115).won, report(reopened, end=115).average_millis_to_win) == (1, 20)
    assert counts(report(reopened, end=130))["offer"] == (1, 0, None, 1)
    # Won and reopened within the range, and still open: neither won nor lost.
    assert (report(reopened, end=130).won, report(reopened, end=130).lost) == (0, 0)


def test_a_closing_before_the_range_is_another_reports() -> None:
    assert counts(report(deal((50, "new"), (90, "won")))) == {}
    counted = report(deal((50, "new"), (90, "lost"), (110, "new"), (120, "won")))
    assert (counted.won, counted.lost, counted.average_millis_to_win) == (1, 0, 70)


def test_open_amounts_are_told_by_currency() -> None:
    counted = report(
        deal((10, "new"), amount="0.1"),
        deal((150, "new"), amount="123456789012345.12345678"),
        deal((150, "new"), amount="7", currency="JPY"),
        deal((150, "new")),
        deal((150, "new"), (160, "won"), amount="1000"),
    )
    assert counted.stages["new"].open_deals == 4
    assert counted.stages["new"].open_amounts == {
        "EUR": Decimal("123456789012345.22345678"),
        "JPY": Decimal(7),
    }


def test_reasons_are_those_of_the_closing_if_it_says_one() -> None:
    moves = [Move(110, None, "new", None, None), Move(120, "new", "lost", 10, "budget")]
    counted = report(
        History(110, None, None, "price", moves),
        deal((110, "new"), (120, "lost"), reason="price"),
        deal((110, "new"), (120, "lost"), reason="price"),
        deal((110, "new"), (120, "lost")),
    )
    assert counted.lost_reasons == {"price": 2, "budget": 1, "(not set)": 1}
    # Lost, reopened and lost for a reason: of the loss before nothing is said.
    again = deal((110, "new"), (120, "lost"), (130, "new"), (140, "lost"), reason="price")
    assert report(again).lost_reasons == {"price": 1}
    assert report(again, end=125).lost_reasons == {"(not set)": 1}


def test_averages_are_exact_to_the_millisecond() -> None:
    stays = [deal((0, "new"), (100 + more, "talk")) for more in (0, 1, 1)]
    assert report(*stays).stages["new"].average_millis == 101
    assert report(*stays[:2]).stages["new"].average_millis == 100  # A half goes to the even one.


def former(name: str, position: int, kind: str = "OPEN") -> Stage:
    """A stage that was taken out of the pipeline when it was the one with this number."""
    return Stage(name, name, position, 0.5, StageKind(kind), "p")


def test_a_stage_that_was_taken_out_is_told_of_at_its_former_place() -> None:
    demo = former("demo", 2)
    deals = [
        deal((110, "new"), (120, "demo"), (150, "talk")),
        deal((110, "talk"), (115, "demo"), (190, "lost")),
        deal((110, "demo"), (300, "won"), amount="7"),
    ]
    counted = report(*deals, former=(demo,))
    assert list(counted.told) == ["new", "demo", "talk", "offer", "won", "lost"]
    # From `new` on to it, from it on to `talk`; from `talk` to it is back.
    assert counts(counted) == {
        "new": (1, 1, 10, 0),
        "demo": (3, 1, 52, 1),
        "talk": (2, 0, 5, 1),
        "lost": (1, 0, None, 0),
    }
    assert counted.stages["demo"].open_amounts == {"EUR": Decimal(7)}
    assert counted.converts("demo")


def test_former_stages_with_nothing_in_the_range_are_left_out() -> None:
    demo, call = former("demo", 3), former("call", 3)
    counted = report(deal((50, "demo"), (60, "talk")), deal((110, "call"), (120, "new")), former=(demo, call))
    assert list(counted.told) == ["new", "talk", "call", "offer", "won", "lost"]
    # One that was only left within the range, and one in which a deal stood at its end, are told of.
    assert "demo" in report(deal((50, "demo"), (110, "talk")), former=(demo,)).told
    assert "demo" in report(deal((50, "demo"), (210, "talk")), former=(demo,)).told


def test_former_ends_count_as_ends_where_deals_stood_in_them() -> None:
    ends = (former("signed", 4, "WON"), former("dropped", 6, "LOST"))
    won = deal((110, "new"), (150, "signed"), (250, "new"))
    lost = deal((110, "new"), (150, "dropped"), (250, "new"), reason=None)
    counted = report(won, lost, former=ends)
    assert (counted.won, counted.lost, counted.average_millis_to_win) == (1, 1, 40)
    assert counts(counted)["new"] == (2, 1, 40, 0)
    assert not counted.converts("signed")
    assert (report(won, lost, former=ends, end=300).won, report(won, lost, former=ends, end=300).lost) == (0, 0)


def test_a_stage_that_nothing_is_known_of_is_told_nothing_of() -> None:
    counted = report(deal((110, "gone"), (120, "new")), deal((110, "new"), (120, "gone")))
    assert counts(counted) == {"new": (2, 0, 10, 1)}
    assert (counted.won, counted.lost) == (0, 0)


def test_ranges() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert Range.asked(at, at + timedelta(milliseconds=1)) == Range(1_767_225_600_000, 1_767_225_600_001)
    with pytest.raises(BadInput, match="to: must be after from"):
        Range.asked(at, at)
    with pytest.raises(BadInput, match=r"to: the range has 36,526 days; at most 36,525"):
        Range.asked(at, at + timedelta(days=36_526))
