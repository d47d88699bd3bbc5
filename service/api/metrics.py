"""`/metrics`, for Prometheus; where there is authentication, for who has the scope."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from service.access.authenticator import Authenticator
from service.access.credentials import in_headers
from service.access.models import Scope
from service.api.errors import FORBIDDEN
from service.api.transport import challenge
from service.errors import ServiceError, Unauthenticated
from service.observing.metrics import Metrics
from service.observing.standing import Standing


def scraped(
    metrics: Metrics | None, standing: Callable[[], Awaitable[Standing]], authenticator: Authenticator
) -> list[Route]:
    """The route, if there are metrics."""
    if metrics is None:
        return []

    async def scrape(request: Request) -> Response:
        try:
            caller = await authenticator.caller(in_headers(request.headers.raw))
        except Unauthenticated as error:
            return _refused(401, error.message, error.code, challenge(error))
        except ServiceError as error:
            return _refused(503, error.message, error.code)
        if Scope.METRICS_READ.value not in caller.rights:
            return _refused(403, f"/metrics needs the scope {Scope.METRICS_READ.value}.", FORBIDDEN)
        text, media_type = metrics.written(await standing(), request.headers.get("accept", ""))
        return Response(text, headers={"Content-Type": media_type, "Cache-Control": "no-store"})

    return [Route("/metrics", scrape)]


def _refused(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> Response:
    answer = {"errors": [{"message": message, "extensions": {"code": code}}]}
    return JSONResponse(answer, status_code=status, headers=headers)
