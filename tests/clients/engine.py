"""An engine of the sort that the tests are run on, which can be killed and started again at the same address."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from service.graph.embedded import DATABASE, USER, EmbeddedEngine
from tests.clients.proxy import Proxy
from tests.conftest import Engine
from tests.neo4j.server import Neo4jServer


class MortalEngine:
    """It is reached by way of a proxy: the embedded engine takes another port at each start. Blocking."""

    def __init__(self, config: pytest.Config, folder: Path, proxy: Proxy) -> None:
        self._proxy = proxy
        self._engine: EmbeddedEngine | Neo4jServer
        if config.getoption("--engine") == "neo4j":
            self._engine = Neo4jServer(config.getoption("--neo4j-version"), folder)
        else:
            self._engine = EmbeddedEngine(folder, memory_mb=512)

    def start(self) -> Engine:
        """Starts it; how it is reached."""
        uri = f"bolt://127.0.0.1:{self._proxy.port}"
        if isinstance(self._engine, Neo4jServer):
            self._engine.start()
            self._proxy.lead_to(self._engine.uri)
            return Engine(uri, "", "", "neo4j", embedded=False)
        address = self._engine.start()
        self._proxy.lead_to(address.uri)
        return Engine(uri, USER, address.password, DATABASE, embedded=True)

    def kill(self) -> None:
        """Ends it as a crash would."""
        if isinstance(self._engine, Neo4jServer):
            self._engine.kill()
            return
        assert self._engine.pid is not None
        psutil.Process(self._engine.pid).kill()
        self._engine.stop()

    def stop(self) -> None:
        """Ends it."""
        self._engine.stop()
