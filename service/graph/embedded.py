"""The embedded engine: ArcadeDB as a child process on loopback, its data in a folder.

One service at a time owns a folder, by a lock that the operating system drops when the service dies. The engine
itself may outlive a killed service: the next owner finds it by its command line, which names the folder, and ends
it before starting its own. So there are never two engines on one folder.
"""

from __future__ import annotations

import importlib.util
import logging
import secrets
import socket
import subprocess
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import filelock
import psutil

from service.errors import EngineFailed, EngineMissing, FolderInUse

DATABASE: Final = "customergraph"
USER: Final = "root"

_PACKAGE: Final = "arcadedb_embedded"
_START_SECONDS: Final = 90.0
_STOP_SECONDS: Final = 20.0
_ATTEMPTS: Final = 3
"""A port chosen free may be taken before the engine binds it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running engine is reached."""

    uri: str
    password: str


class EmbeddedEngine:
    """The engine on one folder. Blocking: call from a thread where a loop runs."""

    def __init__(self, folder: Path, *, memory_mb: int = 1024) -> None:
        self._folder = folder.resolve()
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = filelock.FileLock(self._folder / "service.lock", thread_local=False)

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> Address:
        """Starts the engine and waits until it answers.

        Raises:
            EngineMissing: the package is not installed.
            FolderInUse: another service owns the folder.
            EngineFailed: it did not come up; the message has the end of its log.
        """
        package = _package_folder()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise FolderInUse from None
        try:
            self._end_left_over()
            password = self._password()
            for _ in range(_ATTEMPTS):
                bolt, http = _free_ports(2)
                self._launch(package, bolt, http)
                if self._is_ready(http):
                    return Address(f"bolt://127.0.0.1:{bolt}", password)
                self._end()
            raise EngineFailed(f"The embedded engine did not start. The end of its log:\n{self._log_tail()}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends the engine, and gives the folder free."""
        self._end()
        if self._lock.is_locked:
            self._lock.release()

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def _mark(self) -> str:
        """The argument by which an engine on this folder is known."""
        return f"-Darcadedb.server.rootPath={self._folder}"

    def _end_left_over(self) -> None:
        """Ends the engine that a killed service left on this folder."""
        for process in psutil.process_iter(["cmdline"]):
            if self._mark not in (process.info["cmdline"] or ()):
                continue
            log.warning("ending the engine that an earlier service left (pid %d)", process.pid)
            with suppress(psutil.NoSuchProcess):
                process.terminate()
                try:
                    process.wait(_STOP_SECONDS)
                except psutil.TimeoutExpired:
                    process.kill()
                    process.wait(_STOP_SECONDS)

    def _password(self) -> str:
        path = self._folder / "password"
        if not path.exists():
            if (self._folder / "databases").exists():
                raise EngineFailed(f"{path} is missing, but the folder has data. Restore the file.")
            # Written whole or not at all.
            draft = self._folder / "password.new"
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            draft.write_text(secrets.token_urlsafe(24), encoding="ascii")
            draft.replace(path)
        return path.read_text(encoding="ascii").strip()

    def _launch(self, package: Path, bolt: int, http: int) -> None:
        options = {
            "arcadedb.server.name": "customer-graph",
            "arcadedb.server.mode": "production",
            "arcadedb.server.databaseDirectory": self._folder / "databases",
            # The password goes by file: a command line is open to every user of the machine.
            "arcadedb.server.rootPasswordPath": self._folder / "password",
            "arcadedb.server.defaultDatabases": f"{DATABASE}[{USER}]",
            "arcadedb.server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "arcadedb.server.httpIncomingHost": "127.0.0.1",
            "arcadedb.server.httpIncomingPort": http,
            "arcadedb.bolt.host": "127.0.0.1",
            "arcadedb.bolt.port": bolt,
            # The write-ahead log reaches the disk before a commit is answered.
            "arcadedb.txWalFlush": 2,
        }
        command = [
            str(package / "jre" / "bin" / "java"),
            f"-Xmx{self._memory_mb}m",
            # Better gone than half alive.
            "-XX:+ExitOnOutOfMemoryError",
            self._mark,
            "-cp",
            str(package / "jars" / "*"),
            *(f"-D{name}={value}" for name, value in options.items()),
            "com.arcadedb.server.ArcadeDBServer",
        ]
        with (self._folder / "engine.log").open("wb") as output:
            # A session of its own: Ctrl-C is for the service, which then ends the engine in order.
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
            )

    def _is_ready(self, http: int) -> bool:
        """Waits until the engine says that it is; False when the process ended instead."""
        give_up = time.monotonic() + _START_SECONDS
        assert self._process is not None
        while time.monotonic() < give_up:
            if self._process.poll() is not None:
                return False
            # The Bolt port opens before the database does; only the engine's own probe knows.
            with (
                suppress(OSError, HTTPException),
                closing(HTTPConnection("127.0.0.1", http, timeout=5)) as connection,
            ):
                connection.request("GET", "/api/v1/ready")
                if connection.getresponse().status == HTTPStatus.NO_CONTENT:
                    return True
            time.sleep(0.05)
        return False

    def _log_tail(self) -> str:
        with suppress(OSError):
            return self._folder.joinpath("engine.log").read_text(errors="replace")[-2000:]
        return ""


def _package_folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise EngineMissing
    return Path(spec.origin).parent


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
