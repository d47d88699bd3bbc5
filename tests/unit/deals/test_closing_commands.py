from __future__ import annotations

import pytest

from service.deals.book import Dealt
from service.deals.commands import CloseDeal
from service.deals.models import LISTED
from service.errors import UserErrorCode
from tests.unit.deals.dealing import (
    LOST,
    RENEW,
    WON,
    books_with_deal,
    changes,
    close,
    error_of,
)
from tests.unit.examples import NOW, written


@pytest.mark.parametrize(("outcome", "reason", "stage"), [("WON", None, WON), ("LOST", "too dear", LOST)])
def test_a_deal_is_closed_in_the_pipelines_stage_for_it(outcome: str, reason: str | None, stage: str) -> None:
    books = books_with_deal()
    fields = {"lostReason": reason} if reason else {}
    assert close(outcome, by="Olga", **fields).decide(books) == Dealt("deal_1")
    rows = written(books)
    (updated,) = rows["deals/update_deals"]
    assert {name: value for name, value in updated["changes"].items() if name not in LISTED} == {
        "stageId": stage,
        "state": outcome,
        "enteredStageAt": NOW,
        "updatedAt": NOW,
        "version": 4,
        "closedAt": NOW,
        "lostReason": reason,
        "forecastCategory": None,
    }
    assert updated["changes"]["statePosition"] == f"{outcome}\n1:1"
    (row,) = rows["deals/create_stage_changes"]
    assert (row["properties"]["toStageId"], row["properties"]["by"]) == (stage, "Olga")
    assert row["properties"].get("lostReason") == reason


def test_a_deal_closed_in_a_batch_is_closed_for_the_rest_of_it() -> None:
    books = books_with_deal()
    close("WON", token="a").decide(books)
    assert error_of(close("WON", token="b").decide(books)).code is UserErrorCode.DEAL_CLOSED


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (close("LOST"), "lostReason: a lost deal needs the reason why it was lost"),
        (close("WON", lostReason="x"), "lostReason: a won deal has no reason for a loss; leave it out"),
    ],
)
def test_only_a_lost_deal_has_a_reason_and_it_must(command: CloseDeal, message: str) -> None:
    books = books_with_deal()
    error = error_of(command.decide(books))
    assert (error.code, error.field, error.message) == (UserErrorCode.INVALID, ("lostReason",), message)
    assert changes(books) == []


def test_a_pipeline_without_a_stage_for_the_outcome_cannot_close_with_it() -> None:
    books = books_with_deal(pipelineId="pip_2", stageId=RENEW)
    error = error_of(close("LOST", lostReason="left").decide(books))
    assert (error.code, error.field) == (UserErrorCode.INVALID, ("outcome",))
    assert error.message == "outcome: the pipeline has no stage for LOST deals"
