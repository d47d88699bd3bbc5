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
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
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

PACKAGE: Final = "arcadedb-embedded"

_MODULE: Final = "arcadedb_embedded"
_HTTP_PORT: Final = "arcadedb.server.httpIncomingPort"
_BOLT_PORT: Final = "arcadedb.bolt.port"
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
    http_port: int
    """On loopback: of its own API, for what Bolt has no words for."""


class EmbeddedEngine:
    """The engine on one folder. Blocking: call from a thread where a loop runs."""

    def __init__(self, folder: Path, *, memory_mb: int = 1024) -> None:
        self._folder = folder.resolve()
        self._memory_mb = memory_mb
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: list[int] = []
        """Bolt and HTTP, as they were last."""
        self._abandoned = threading.Event()
        self._lock = _lock(self._folder)

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """With which it ended by itself; None while it runs."""
        return self._process.poll() if self._process else None

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
            end_left_over(self._folder)
            return self._up(package)
        except BaseException:
            self.stop()
            raise

    def start_again(self) -> Address:
        """Starts it after it ended by itself, at the same address if that is free.

        Raises:
            EngineFailed: it did not come up, or was told not to; the message has the end of its log.
        """
        self._end()
        return self._up(_package_folder())

    def abandon(self) -> None:
        """Ends a start that another thread waits for, and all later ones."""
        self._abandoned.set()

    def _up(self, package: Path) -> Address:
        """Launches it until it answers."""
        password = self._password()
        for _ in range(_ATTEMPTS):
            if not _are_free(self._ports):
                self._ports = _free_ports(2)
            bolt, http = self._ports
            self._launch(package, bolt, http)
            if self._is_ready(http):
                return Address(f"bolt://127.0.0.1:{bolt}", password, http)
            self._end()
            if self._abandoned.is_set():
                raise EngineFailed
            # It may be the ports, taken between the look and the launch.
            self._ports = []
        raise EngineFailed(f"The embedded engine did not start. The end of its log:\n{self._log_tail()}")

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

    def _password(self) -> str:
        path = self._folder / "password"
        if not path.exists():
            if (self._folder / "databases").exists():
                raise EngineFailed(f"{path} is missing, but the folder has data. Restore the file.")
            set_password(self._folder)
        return _password(self._folder)

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
            _HTTP_PORT: http,
            "arcadedb.bolt.host": "127.0.0.1",
            _BOLT_PORT: bolt,
            # The write-ahead log reaches the disk before a commit is answered.
            "arcadedb.txWalFlush": 2,
        }
        command = [
            str(package / "jre" / "bin" / "java"),
            f"-Xmx{self._memory_mb}m",
            # Better gone than half alive.
            "-XX:+ExitOnOutOfMemoryError",
            _mark(self._folder),
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
        """Waits until the engine says that it is; False when the process ended instead, or is to."""
        give_up = time.monotonic() + _START_SECONDS
        assert self._process is not None
        while time.monotonic() < give_up and not self._abandoned.is_set():
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


def end_left_over(folder: Path) -> None:
    """Ends the engine that a killed process left on a folder, by the process that owns the folder now."""
    for process in psutil.process_iter(["cmdline"]):
        if _mark(folder.resolve()) not in (process.info["cmdline"] or ()):
            continue
        log.warning("ending the engine that an earlier service left (pid %d)", process.pid)
        with suppress(psutil.NoSuchProcess):
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except psutil.TimeoutExpired:
                process.kill()
                process.wait(_STOP_SECONDS)


def running_engine(folder: Path) -> Address | None:
    """The engine that a service runs on a folder, found as its next owner would find it; None if there is none."""
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if _mark(folder.resolve()) in words:
            options = dict(word[2:].split("=", 1) for word in words if word.startswith("-D") and "=" in word)
            bolt, http = int(options[_BOLT_PORT]), int(options[_HTTP_PORT])
            return Address(f"bolt://127.0.0.1:{bolt}", _password(folder), http)
    return None


@contextmanager
def owning(folder: Path) -> Iterator[None]:
    """Owns a folder without an engine: no service can start on it meanwhile. Raises FolderInUse."""
    lock = _lock(folder.resolve())
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise FolderInUse from None
    try:
        yield
    finally:
        lock.release()


def _lock(folder: Path) -> filelock.BaseFileLock:
    return filelock.FileLock(folder / "service.lock", thread_local=False)


def _mark(folder: Path) -> str:
    """The argument by which an engine on a folder is known."""
    return f"-Darcadedb.server.rootPath={folder}"


def set_password(folder: Path) -> None:
    """Makes a folder's password, for an engine that has never run on it. Written whole or not at all."""
    draft = folder / "password.new"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(24), encoding="ascii")
    draft.replace(folder / "password")


def _password(folder: Path) -> str:
    return (folder / "password").read_text(encoding="ascii").strip()


def _package_folder() -> Path:
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise EngineMissing
    return Path(spec.origin).parent


def _are_free(ports: list[int]) -> bool:
    """Whether there are some, and an engine could listen on each."""
    for port in ports:
        with socket.socket() as one:
            # What an engine left to the system to close does not keep the next one from listening.
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                return False
    return bool(ports)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()
