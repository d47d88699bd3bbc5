from __future__ import annotations

from typing import Any

import pytest

from service.deals.book import DealNeed, Dealt, PipelinesNeed
from service.deals.commands import CloseDeal, MoveDeal
from service.deals.models import LISTED, places
from service.errors import UserErrorCode
from service.graph.messages import MessageNeed
from service.identity.book import Identities, IdentityNeed
from service.identity.records import own_key
from service.ids import DEAL, STAGE_CHANGE, Mint, prefix_of
from service.inputs import Invalid
from service.positions import position
from tests.unit.deals.dealing import (
    HOUR,
    LOST,
    NEW,
    OFFER,
    RENEW,
    WON,
    books_with_deal,
    books_with_pipelines,
    changes,
    close,
    create,
    error_of,
    move,
)
from tests.unit.examples import NOW, claim, written


def test_each_command_says_what_it_must_know() -> None:
    assert create().needs() == (
        MessageNeed("\ncreateDeal\nt1"),
        IdentityNeed(("phone:+79161234567",)),
        PipelinesNeed(),
    )
    assert move(OFFER).needs() == (MessageNeed("\ndeal\nt2"), DealNeed("deal_1"), PipelinesNeed())
    assert close("WON").needs() == (MessageNeed("\ndeal\nt3"), DealNeed("deal_1"), PipelinesNeed())


def test_a_deal_opens_in_the_first_open_stage_of_the_first_pipeline() -> None:
    books = books_with_pipelines()
    dealt = create(
        amount={"amount": "25000.00", "currency": "EUR"},
        owner="Olga",
        source="phone",
        expectedCloseOn="2026-04-01",
    ).decide(books)
    assert dealt.deal_id is not None
    assert prefix_of(dealt.deal_id) == DEAL
    owner = books[Identities].partition.owner_of("phone:+79161234567")
    rows = written(books)
    assert rows["deals/create_deals"] == [
        {
            "id": dealt.deal_id,
            "identifierKey": "phone:+79161234567",
            "identifierKeys": ["phone:+79161234567", own_key(owner or "")],
            "position": position(NOW, dealt.deal_id),
            "title": "A car",
            "amount": "25000.00",
            "currency": "EUR",
            "pipelineId": "pip_1",
            "owner": "Olga",
            "source": "phone",
            "expectedCloseOn": "2026-04-01",
            "accountId": None,
            "createdAt": NOW,
            "version": 1,
            "stageId": NEW,
            "state": "OPEN",
            "enteredStageAt": NOW,
            "updatedAt": NOW,
            **places(rows["deals/create_deals"][0]),
        }
    ]
    assert changes(books) == ["deals/use_stages", "deals/create_deals", "deals/create_stage_changes"]


def test_the_creation_is_the_first_move_and_its_own_message() -> None:
    books = books_with_pipelines()
    dealt = create(owner="Olga").decide(books)
    rows = written(books)
    (row,) = rows["deals/create_stage_changes"]
    change_id = row["properties"]["id"]
    assert prefix_of(change_id) == STAGE_CHANGE
    assert row == {
        "dealId": dealt.deal_id,
        "properties": {
            "key": "\ncreateDeal\nt1",
            "messageKind": "deal",
            "subjectId": dealt.deal_id,
            "identifierKey": "phone:+79161234567",
            "refused": "[]",
            "id": change_id,
            "dealId": dealt.deal_id,
            "occurredAt": NOW,
            "position": position(NOW, change_id),
            "fromStageId": None,
            "toStageId": NEW,
            "by": "Olga",
            "millisInStage": None,
        },
    }
    assert "graph/create_messages" not in rows


@pytest.mark.parametrize(
    ("fields", "stage", "in_pipeline"),
    [
        ({"stageId": OFFER}, OFFER, "pip_1"),
        ({"pipelineId": "pip_2"}, RENEW, "pip_2"),
        ({"pipelineId": "pip_2", "stageId": RENEW}, RENEW, "pip_2"),
    ],
)
def test_a_deal_opens_where_it_is_asked_to(fields: dict[str, Any], stage: str, in_pipeline: str) -> None:
    books = books_with_pipelines()
    create(**fields).decide(books)
    (row,) = written(books)["deals/create_deals"]
    assert (row["stageId"], row["pipelineId"]) == (stage, in_pipeline)


def test_the_same_key_again_answers_with_the_deal_that_it_made() -> None:
    books = books_with_pipelines()
    first = create().decide(books)
    assert create(title="Another", pipelineId="pip_9").decide(books) == first
    assert create(token="t9").decide(books) != first
    assert len(written(books)["deals/create_deals"]) == 2


def test_a_deal_needs_somebody_who_is_known_by_the_identifier() -> None:
    books = books_with_pipelines()
    error = error_of(create(key="cookie:nobody").decide(books))
    assert (error.code, error.field) == (UserErrorCode.NOT_FOUND, ("by",))
    assert error.message == ("by: nobody is known by this; record a touchpoint, or identify the customer first")
    assert changes(books) == []


def test_a_deal_can_be_with_somebody_whom_the_same_batch_made() -> None:
    books = books_with_pipelines()
    books[Identities].resolve(claim("cookie:new"), books)
    assert create(key="cookie:new").decide(books).errors == ()


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"pipelineId": "pip_9"}, UserErrorCode.NOT_FOUND, "pipelineId"),
        ({"stageId": "stg_9"}, UserErrorCode.STAGE_NOT_IN_PIPELINE, "stageId"),
        ({"stageId": RENEW}, UserErrorCode.STAGE_NOT_IN_PIPELINE, "stageId"),
        ({"stageId": WON}, UserErrorCode.INVALID, "stageId"),
        ({"pipelineId": "pip_2", "stageId": NEW}, UserErrorCode.STAGE_NOT_IN_PIPELINE, "stageId"),
    ],
)
def test_a_deal_cannot_open_in_a_stage_that_is_not_open_or_not_there(
    fields: dict[str, Any], code: UserErrorCode, field: str
) -> None:
    books = books_with_pipelines()
    error = error_of(create(**fields).decide(books))
    assert (error.code, error.field) == (code, (field,))
    assert changes(books) == []


def test_a_stage_that_is_not_in_the_pipeline_is_refused_with_those_that_are() -> None:
    error = error_of(create(stageId="stg_9", pipelineId="pip_2").decide(books_with_pipelines()))
    assert error.message == (
        "stageId: not a stage of the pipeline Renewals; its stages are Due (stg_5), Renewed (stg_6)"
    )


def test_a_move_changes_stage_and_version_and_tells_how_long_it_was_in_the_stage_before() -> None:
    books = books_with_deal()
    assert move(OFFER, by="Olga").decide(books) == Dealt("deal_1")
    rows = written(books)
    assert rows["deals/update_deals"] == [
        {
            "id": "deal_1",
            "changes": {
                "stageId": OFFER,
                "state": "OPEN",
                "enteredStageAt": NOW,
                "updatedAt": NOW,
                "version": 4,
                "statePosition": "OPEN\n1:1",
                "pipelinePosition": "pip_1\n1:1",
                "pipelineStatePosition": "pip_1\nOPEN\n1:1",
                "stagePosition": f"{OFFER}\n1:1",
                **dict.fromkeys(one for one in LISTED if one.startswith(("owner", "account")) or "losing" in one),
            },
        }
    ]
    (row,) = rows["deals/create_stage_changes"]
    history = row["properties"]
    assert (history["fromStageId"], history["toStageId"]) == (NEW, OFFER)
    assert (history["by"], history["millisInStage"], history["occurredAt"]) == ("Olga", HOUR, NOW)
    assert (history["key"], history["subjectId"]) == ("\ndeal\nt2", "deal_1")


def test_two_moves_in_one_batch_follow_one_another() -> None:
    books = books_with_deal()
    move(OFFER, token="a").decide(books)
    books.mint.millis = NOW + HOUR
    move(NEW, token="b", expectedVersion=4).decide(books)
    rows = written(books)
    assert [
        (row["properties"]["fromStageId"], row["properties"]["toStageId"], row["properties"]["millisInStage"])
        for row in rows["deals/create_stage_changes"]
    ] == [(NEW, OFFER, HOUR), (OFFER, NEW, HOUR)]
    (updated,) = rows["deals/update_deals"]
    assert (updated["changes"]["version"], updated["changes"]["stageId"]) == (5, NEW)


def test_a_move_to_where_the_deal_is_changes_nothing() -> None:
    books = books_with_deal()
    assert move(NEW).decide(books) == Dealt("deal_1")
    assert changes(books) == []


def test_a_command_whose_message_is_known_is_not_carried_out_twice() -> None:
    books = books_with_deal()
    move(OFFER, token="a").decide(books)
    assert move(NEW, token="a").decide(books) == Dealt("deal_1")
    assert close("WON", token="a").decide(books) == Dealt("deal_1")
    (updated,) = written(books)["deals/update_deals"]
    assert updated["changes"]["stageId"] == OFFER


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("stg_9", UserErrorCode.STAGE_NOT_IN_PIPELINE),
        (RENEW, UserErrorCode.STAGE_NOT_IN_PIPELINE),
        (WON, UserErrorCode.INVALID),
        (LOST, UserErrorCode.INVALID),
    ],
)
def test_a_move_leads_to_an_open_stage_of_the_deals_pipeline(stage: str, code: UserErrorCode) -> None:
    books = books_with_deal()
    error = error_of(move(stage).decide(books))
    assert (error.code, error.field) == (code, ("stageId",))
    assert changes(books) == []


def test_a_move_into_a_closing_stage_says_how_to_close() -> None:
    error = error_of(move(WON).decide(books_with_deal()))
    assert error.message == "stageId: Won ends a deal; use closeDeal with WON"


@pytest.mark.parametrize("command", [move(OFFER, expectedVersion=2), close("WON", expectedVersion=4)])
def test_another_version_than_the_expected_one_is_a_conflict(command: MoveDeal | CloseDeal) -> None:
    books = books_with_deal()
    error = error_of(command.decide(books))
    assert (error.code, error.field) == (UserErrorCode.VERSION_CONFLICT, ("expectedVersion",))
    assert error.message == "expectedVersion: the deal is at version 3 by now; read it again"
    assert changes(books) == []


@pytest.mark.parametrize("command", [move(OFFER, expectedVersion=3), close("WON", expectedVersion=3)])
def test_the_expected_version_lets_a_command_through(command: MoveDeal | CloseDeal) -> None:
    assert command.decide(books_with_deal()) == Dealt("deal_1")


@pytest.mark.parametrize("command", [move(OFFER), close("LOST", lostReason="price")])
def test_a_closed_deal_stays_as_it_is(command: MoveDeal | CloseDeal) -> None:
    books = books_with_deal(stageId=WON, state="WON")
    error = error_of(command.decide(books))
    assert (error.code, error.field) == (UserErrorCode.DEAL_CLOSED, ("dealId",))
    assert error.message == "dealId: the deal is won already"
    assert changes(books) == []


@pytest.mark.parametrize("command", [move(OFFER, deal_id="deal_9"), close("WON", deal_id="deal_9")])
def test_an_unknown_deal_is_not_found(command: MoveDeal | CloseDeal) -> None:
    error = error_of(command.decide(books_with_deal()))
    assert (error.code, error.field) == (UserErrorCode.NOT_FOUND, ("dealId",))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, ("title",)),
        ({"amount": {"amount": "-1", "currency": "EUR"}}, ("amount",)),
        ({"expectedCloseOn": "soon"}, ("expectedCloseOn",)),
        ({"idempotencyKey": "a\nb"}, ("idempotencyKey",)),
    ],
)
def test_a_wrong_deal_is_invalid(changed: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as caught:
        create(**changed)
    assert [error.field for error in caught.value.errors] == [field]


def test_moves_of_one_moment_keep_their_order() -> None:
    books = books_with_deal()
    books.mint = Mint(NOW)
    move(OFFER, token="a").decide(books)
    move(NEW, token="b").decide(books)
    first, second = written(books)["deals/create_stage_changes"]
    assert first["properties"]["position"] < second["properties"]["position"]
