"""GraphQL in this process: the execution that HTTP requests get, and the documents that several tests ask."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson

from service.access.models import OPERATOR, Caller
from service.api.admission import Admission
from service.api.context import Context
from service.api.execution import Executor
from service.api.schema import types
from service.graph.client import Graph
from service.reads.compiled import Compiled
from service.reads.gathering import Gatherer
from service.reads.relations import Bound
from service.reads.variants import Variant
from service.services import Services

_PAYLOAD = """duplicate refused { identifier { kind value } code message }
  userErrors { code message field } customer { id state version }"""
RECORD = f"""mutation ($input: RecordTouchpointInput!) {{ recordTouchpoint(input: $input) {{ {_PAYLOAD}
  touchpoint {{ id messageId type channel source identifiers {{ kind value }} }} }} }}"""
RECORD_MANY = f"""mutation ($input: RecordTouchpointsInput!) {{ recordTouchpoints(input: $input) {{
  userErrors {{ code message field }} results {{ {_PAYLOAD} touchpoint {{ id messageId type }} }} }} }}"""
ORDER = f"""mutation ($input: RecordOrderInput!) {{ recordOrder(input: $input) {{ {_PAYLOAD}
  order {{ id orderNumber status channel occurredAt paymentMethod coupons total {{ amount currency }}
    lines {{ sku name quantity unitPrice {{ amount currency }} category }} customer {{ id }} }} }} }}"""
IDENTIFY = f"""mutation ($input: IdentifyCustomerInput!) {{ identifyCustomer(input: $input) {{ {_PAYLOAD} }} }}"""
UPDATE = """mutation ($input: UpdateCustomerInput!) { updateCustomer(input: $input) {
  userErrors { code message field } customer { id version displayName updatedAt
    attributes { name value source rule candidates { value source identifier { kind value } } } } } }"""

_DEAL = """deal { id title state version probability forecastCategory lostReason owner source expectedCloseOn
  createdAt closedAt amount { amount currency } weightedAmount { amount currency }
  pipeline { id name } stage { id name kind } customer { id }
  stageHistory { from { name } to { name } by timeInStage occurredAt deal { id } } }
  userErrors { code message field }"""
CREATE_DEAL = f"mutation ($input: CreateDealInput!) {{ createDeal(input: $input) {{ {_DEAL} }} }}"
MOVE_DEAL = f"mutation ($input: MoveDealInput!) {{ moveDeal(input: $input) {{ {_DEAL} }} }}"
CLOSE_DEAL = f"mutation ($input: CloseDealInput!) {{ closeDeal(input: $input) {{ {_DEAL} }} }}"
UPDATE_DEAL = f"mutation ($input: UpdateDealInput!) {{ updateDeal(input: $input) {{ {_DEAL} }} }}"
REOPEN_DEAL = f"mutation ($input: ReopenDealInput!) {{ reopenDeal(input: $input) {{ {_DEAL} }} }}"
UPSERT_PIPELINE = """mutation ($input: UpsertPipelineInput!) { upsertPipeline(input: $input) {
  pipeline { id name stages { id name position probability kind } } userErrors { code message field } } }"""
UPSERT_ACCOUNT = """mutation ($input: UpsertAccountInput!) { upsertAccount(input: $input) {
  account { id name domain customers { nodes { id } } deals { nodes { id } } }
  userErrors { code message field } } }"""
_DEAL_FIELDS = _DEAL.partition("userErrors")[0].strip()[7:-2]
DEAL = f"query ($id: ID!) {{ node(id: $id) {{ ... on Deal {{ {_DEAL_FIELDS} }} }} }}"

_ERRORS = "userErrors { code message field }"
TASK_FIELDS = "id title dueAt state overdue owner createdAt completedAt version customer { id } deal { id }"
_TASK = f"task {{ {TASK_FIELDS} }} {_ERRORS}"
CREATE_TASK = f"mutation ($input: CreateTaskInput!) {{ createTask(input: $input) {{ {_TASK} }} }}"
UPDATE_TASK = f"mutation ($input: UpdateTaskInput!) {{ updateTask(input: $input) {{ {_TASK} }} }}"
TASK = f"query ($id: ID!) {{ node(id: $id) {{ ... on Task {{ {TASK_FIELDS} }} }} }}"
NOTE_FIELDS = "id text by kind occurredAt customer { id } subject { __typename id }"
_NOTE = f"note {{ {NOTE_FIELDS} }} {_ERRORS}"
ADD_NOTE = f"mutation ($input: AddNoteInput!) {{ addNote(input: $input) {{ {_NOTE} }} }}"
NOTE = f"query ($id: ID!) {{ node(id: $id) {{ ... on Note {{ {NOTE_FIELDS} }} }} }}"
TICKET_FIELDS = f"""id subject text state priority channel occurredAt firstRespondedAt resolvedAt responseDueAt
  responseTime resolutionTime owner version customer {{ id }} notes {{ nodes {{ {NOTE_FIELDS} }} }}"""
_TICKET = f"ticket {{ {TICKET_FIELDS} }} {_ERRORS}"
OPEN_TICKET = f"mutation ($input: OpenTicketInput!) {{ openTicket(input: $input) {{ {_TICKET} }} }}"
UPDATE_TICKET = f"mutation ($input: UpdateTicketInput!) {{ updateTicket(input: $input) {{ {_TICKET} }} }}"
TICKET = f"query ($id: ID!) {{ node(id: $id) {{ ... on Ticket {{ {TICKET_FIELDS} }} }} }}"

CUSTOMER = """query ($by: CustomerBy!) { customer(by: $by) {
  id state version displayName previousIds firstSeenAt lastSeenAt identifiers { kind value }
  attributes { name value source observedAt rule
    candidates { value source observedAt identifier { kind value } } } } }"""


class _Counting(Compiled):
    """Remembers what it did."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.answers = 0
        self.statements: list[str] = []

    async def _read(self, variant: Variant, bound: list[Bound], made: Any) -> dict[str, Any]:
        self.statements.append(variant.text)
        answer = await super()._read(variant, bound, made)
        self.answers += 1
        return answer


class Api:
    """One service process's GraphQL, without the transport."""

    def __init__(
        self,
        graph: Graph,
        services: Services,
        *,
        compiled: bool = True,
        caller: Caller = OPERATOR,
        most_cost: int = 1_000_000,
    ) -> None:
        """`most_cost` is more than callers have by default: tests ask for much at once."""
        self._caller = caller
        self._compiled = _Counting(types, Gatherer(graph), services.surroundings) if compiled else None
        self._executor = Executor(
            types, lambda caller: Context(graph, services, caller), self._compiled, Admission(60, most_cost)
        )

    @property
    def compiled_answers(self) -> int:
        """How many answers were built by a plan."""
        return self._compiled.answers if self._compiled else 0

    def statements(self) -> list[str]:
        """All statements that plans made so far."""
        return self._compiled.statements if self._compiled else []

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The answer, errors too, but for what it cost."""
        answer = await self._executor.run(
            query=query, variables=variables, operation_name=None, caller=self._caller, may_write=True
        )
        del answer["extensions"]
        return answer

    async def event(self, query: str, **variables: Any) -> dict[str, Any]:
        """The first answer to a subscription."""
        first: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def send(answer: bytes) -> None:
            if not first.done():
                first.set_result(answer)

        told = self._executor.stream(
            query=query, variables=variables, operation_name=None, caller=self._caller, may_write=True, send=send
        )
        telling = asyncio.create_task(told)
        try:
            await asyncio.wait((telling, first), return_when=asyncio.FIRST_COMPLETED, timeout=30)
            answer: dict[str, Any] = orjson.loads(first.result())
        finally:
            telling.cancel()
            await asyncio.wait((telling,))
        return answer

    async def field(self, query: str, **variables: Any) -> Any:
        """The only root field of an answer that must have no errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        (value,) = answer["data"].values()
        return value

    async def done(self, query: str, **variables: Any) -> dict[str, Any]:
        """The payload of a mutation that must have been accepted whole."""
        payload: dict[str, Any] = await self.field(query, **variables)
        assert payload["userErrors"] == []
        assert payload.get("refused", []) == []
        return payload

    async def customer(self, **by: Any) -> dict[str, Any] | None:
        """The customer named in one way."""
        found: dict[str, Any] | None = await self.field(CUSTOMER, by=by)
        return found
