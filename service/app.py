"""The Starlette application, and the only place where everything is wired together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from service.api.context import Context
from service.api.schema import schema
from service.api.transport import GraphQLEndpoint
from service.customers.recording import Profiles
from service.deals.commands import Deals
from service.deals.service import DealDesk
from service.errors import NotMigrated, ServiceError
from service.graph.books import Book
from service.graph.client import Graph
from service.graph.committer import Committer
from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from service.graph.messages import Messages
from service.graph.migrations import migrate, pending
from service.identity.book import Identities
from service.services import Services
from service.settings import Settings
from service.touchpoints.recording import Facts
from service.touchpoints.service import Recorder

_GRAPHIQL: Final = Path(__file__).parent / "api" / "static" / "graphiql"
_READY_SECONDS: Final = 3.0
_PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def _books() -> list[Book]:
    """The books of one transaction, in the order of loading and writing."""
    return [Messages(), Identities(), Facts(), Profiles(), Deals()]


@asynccontextmanager
async def open_graph(settings: Settings) -> AsyncIterator[Graph]:
    """The graph of the settings: Neo4j where an address is set, else the embedded engine, migrated."""
    if settings.neo4j_uri is not None:
        graph = Graph(
            settings.neo4j_uri,
            user=settings.neo4j_user,
            password=settings.neo4j_password.get_secret_value(),
            database=settings.neo4j_database,
            pool_size=settings.pool_size,
        )
        try:
            yield graph
        finally:
            await graph.close()
        return
    engine = EmbeddedEngine(settings.data, memory_mb=settings.embedded_memory_mb)
    address = await asyncio.to_thread(engine.start)
    try:
        graph = Graph(
            address.uri,
            user=USER,
            password=address.password,
            database=DATABASE,
            embedded=True,
            pool_size=settings.pool_size,
        )
        try:
            await migrate(graph)
            yield graph
        finally:
            await graph.close()
    finally:
        await asyncio.to_thread(engine.stop)


@asynccontextmanager
async def open_services(settings: Settings, graph: Graph) -> AsyncIterator[Services]:
    """The domains' services over a graph; what waits to be written is committed at the end."""
    committer = Committer(
        graph,
        _books,
        max_waiting=settings.max_waiting_writes,
        patience_seconds=settings.request_timeout_seconds,
    )
    committer.start()
    try:
        yield Services(settings, Recorder(committer, settings), DealDesk(committer, settings))
    finally:
        await committer.close()


def create_app(settings: Settings | None = None) -> Starlette:
    """The application; its lifespan opens and closes the graph."""
    settings = settings or Settings()
    opened: dict[str, Any] = {}

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with open_graph(settings) as graph, open_services(settings, graph) as services:
            opened.update(graph=graph, services=services)
            yield {"graph": graph}

    endpoint = GraphQLEndpoint(
        schema._schema,
        lambda: Context(opened["graph"], opened["services"]),
        max_body_bytes=settings.max_body_bytes,
        timeout_seconds=settings.request_timeout_seconds,
    )
    every_method = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]
    return Starlette(
        routes=[
            Route("/", _page),
            Mount("/graphiql", StaticFiles(directory=_GRAPHIQL)),
            # The endpoint says itself which methods it takes.
            Route("/graphql", endpoint.answer, methods=every_method),
            Route("/livez", _live),
            Route("/readyz", _ready),
        ],
        middleware=[Middleware(GZipMiddleware, minimum_size=2048, compresslevel=5)],
        lifespan=lifespan,
    )


async def _page(_request: Request) -> Response:
    return FileResponse(_GRAPHIQL / "index.html", headers=_PAGE_HEADERS)


async def _live(_request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: Request) -> Response:
    """200 once the graph answers and is migrated."""
    try:
        async with asyncio.timeout(_READY_SECONDS):
            missing = await pending(request.state.graph)
        if missing:
            raise NotMigrated
    except TimeoutError:
        return JSONResponse({"status": "not ready", "reason": "The graph does not answer."}, status_code=503)
    except ServiceError as error:
        return JSONResponse({"status": "not ready", "reason": error.message}, status_code=503)
    return JSONResponse({"status": "ready"})
