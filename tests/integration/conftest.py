"""What tests in this process share: the API on the running engine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from service.app import open_services
from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import Api
from tests.integration.hooks import SETTINGS, removed


@pytest.fixture(scope="session")
def api(graph: Graph, services: Services) -> Api:
    return Api(graph, services)


@pytest.fixture(scope="session", autouse=True)
def _java(java: None) -> None:
    """Before any engine."""


@pytest.fixture(scope="module")
async def silent(graph: Graph) -> AsyncIterator[Api]:
    """A process of the service that delivers to no webhook."""
    async with open_services(SETTINGS, graph, reminding=False) as services:
        yield Api(graph, services)


@pytest.fixture
async def no_webhooks_left(silent: Api) -> AsyncIterator[None]:
    """Removes all webhooks after a test."""
    yield
    await removed(silent)
