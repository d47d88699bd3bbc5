"""What tests in this process share: the API on the running engine."""

from __future__ import annotations

import pytest

from service.graph.client import Graph
from service.services import Services
from tests.integration.asking import Api


@pytest.fixture(scope="session")
def api(graph: Graph, services: Services) -> Api:
    return Api(graph, services)


@pytest.fixture(scope="session", autouse=True)
def _java(java: None) -> None:
    """Before any engine."""
