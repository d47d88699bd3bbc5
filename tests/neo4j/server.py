"""Start a real Neo4j for tests, for benchmarks and for work by hand.

    python -m tests.neo4j.server [--folder FOLDER] {5,2026} [-- COMMAND ...]

runs COMMAND with CUSTOMER_GRAPH_NEO4J_URI naming the server, or without COMMAND keeps the server up until
interrupted. Needs Maven, a JDK and a Unix.
"""

import argparse
import fcntl
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Literal, get_args
from xml.etree import ElementTree

from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

Version = Literal["5", "2026"]

URI_VARIABLE = "CUSTOMER_GRAPH_NEO4J_URI"
CACHE_VARIABLE = "CUSTOMER_GRAPH_TEST_CACHE"

HERE = Path(__file__).parent
JAVA_RELEASES: dict[Version, Sequence[int]] = {"5": (17, 21), "2026": range(21, 100)}

DOWNLOAD_SECONDS = 900
START_SECONDS = 180
STOP_SECONDS = 20
PORT_ATTEMPTS = 5
ADDRESS_IN_USE = 98  # Server.java ends with it.

# Ports the system does not hand out by itself (Linux starts at 32768, others higher): while the server is
# down between a stop and a start, no outgoing connection can take its port, nor connect to itself there.
PORTS = range(20_000, 32_000)

JVM = (
    "-Xmx1g",
    "-XX:+ExitOnOutOfMemoryError",
    # The access an installed Neo4j gives itself; without it, it falls back to slower reads and writes.
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
)
QUICK_JVM = ("-XX:+UseSerialGC",)
# The optimising compiler takes as much processor time as the start itself and pays off only after minutes.
BRIEF_JVM = ("-XX:TieredStopAtLevel=1",)

CONFIGURATION = """\
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.memory.pagecache.size=256m
dbms.security.auth_enabled=false
dbms.usage_report.enabled=false
db.shutdown_transaction_end_timeout=1s
internal.db.transaction.shutdown_terminated_transaction_wait_timeout=1s
internal.server.bolt.connection_shutdown_wait_time=1s
"""
# Half a gigabyte of transaction logs is set aside otherwise.
QUICK_CONFIGURATION = """\
db.tx_log.preallocate=false
db.memory.pagecache.warmup.enable=false
"""
# Otherwise each stop waits ten seconds for requests that might still come in.
NO_QUIET_PERIOD: dict[Version, str] = {
    "5": "internal.dbms.bolt.netty_server_shutdown_quiet_period=0\n",
    "2026": "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s\n",
}


class Neo4jUnavailableError(RuntimeError):
    """Neo4j cannot be downloaded or started here; the message says what is missing."""


class _PortTakenError(Neo4jUnavailableError):
    """Another process took the port first."""


class Neo4jServer:
    """One Neo4j on one folder and one port, both kept from start to start."""

    def __init__(self, version: Version, folder: Path, *, durable: bool = False, lasting: bool = False) -> None:
        self.version = version
        self.folder = folder.absolute()
        self.durable = durable
        self._quick_jvm = () if durable else QUICK_JVM if lasting else QUICK_JVM + BRIEF_JVM
        self._port: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        if self._port is None:
            raise RuntimeError("Neo4j has not been started yet")
        return f"bolt://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int:
        return self._running_process().pid

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def start(self) -> None:
        """Start and wait until queries are answered; after a stop or kill, on the same port and data."""
        if self._process is not None:
            raise RuntimeError("Neo4j is already started: stop or kill it first")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._port is None:
            self._start_on_free_port()
        else:
            self._start_on(self._port)

    def stop(self) -> None:
        """Shut down in good order, or by force when that takes too long; nothing to do when not running."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End at once, as a crash would; nothing to do when not running."""
        self._end(signal.SIGKILL)

    def wait(self) -> int:
        """Wait until the server ends by itself; its exit code."""
        return self._running_process().wait()

    def _running_process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("Neo4j is not running")
        return self._process

    def _start_on_free_port(self) -> None:
        for attempt in range(1, PORT_ATTEMPTS + 1):
            try:
                self._start_on(_free_port())
                return
            except _PortTakenError:
                if attempt == PORT_ATTEMPTS:
                    raise

    def _start_on(self, port: int) -> None:
        log_start = self.log.stat().st_size if self.log.exists() else 0
        self._process = self._launch(port)
        deadline = time.monotonic() + START_SECONDS
        try:
            self._await_ready(log_start, deadline)
            self._await_connection(f"bolt://127.0.0.1:{port}", log_start, deadline)
        except BaseException:
            self.kill()
            raise
        self._port = port

    def _launch(self, port: int) -> subprocess.Popen[bytes]:
        configuration = self.folder / "neo4j.conf"
        configuration.write_text(self._configuration(port))
        jars = download(self.version)
        command = [_java(self.version), *JVM, *self._quick_jvm, "-cp", f"{jars}/*", HERE / "Server.java"]
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*command, self.folder, configuration],
                stdin=subprocess.PIPE,  # Its end tells Server.java that this process is gone.
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the tests, which then stop the server in order.
            )

    def _configuration(self, port: int) -> str:
        common = CONFIGURATION.format(port=port) + NO_QUIET_PERIOD[self.version]
        return common if self.durable else common + QUICK_CONFIGURATION

    def _await_ready(self, log_start: int, deadline: float) -> None:
        # Only its own word counts: a connection alone could be to another server that took the port.
        while b"READY" not in self._log_from(log_start).splitlines():
            self._check_start(log_start, deadline)
            time.sleep(0.05)

    def _await_connection(self, uri: str, log_start: int, deadline: float) -> None:
        while not _answers(uri):
            self._check_start(log_start, deadline)
            time.sleep(0.1)

    def _check_start(self, log_start: int, deadline: float) -> None:
        code = self._running_process().poll()
        if code is None and time.monotonic() < deadline:
            return
        problem = f"was not ready in {START_SECONDS} s" if code is None else f"ended with exit code {code}"
        tail = _tail(self._log_from(log_start))
        error = _PortTakenError if code == ADDRESS_IN_USE else Neo4jUnavailableError
        raise error(f"Neo4j {self.version} {problem}; the end of {self.log}:\n{tail}")

    def _log_from(self, start: int) -> bytes:
        with self.log.open("rb") as log:
            log.seek(start)
            return log.read()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        with self._process as process:  # Closes the pipe and waits, also when interrupted.
            try:
                process.send_signal(how)
                process.wait(STOP_SECONDS)
            except BaseException as error:
                process.kill()
                if not isinstance(error, subprocess.TimeoutExpired):
                    raise
            finally:
                self._process = None


@contextmanager
def running(
    version: Version, folder: Path, *, durable: bool = False, lasting: bool = False
) -> Iterator[Neo4jServer]:
    """A started Neo4j with its data in the folder, stopped at the end; the data stays.

    Durable: set as in an installation, where tests prefer a quick start. Lasting: quick after some minutes.
    """
    server = Neo4jServer(version, folder, durable=durable, lasting=lasting)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def download(version: Version) -> Path:
    """The folder with the jars, downloaded by Maven when it is not there yet."""
    given = os.environ.get(CACHE_VARIABLE)
    cache_folder = Path(given).absolute() if given else Path.home() / ".cache" / "customer-graph"
    jars = cache_folder / f"neo4j-{_release(version)}"
    if not jars.exists():
        cache_folder.mkdir(parents=True, exist_ok=True)
        # Maven's own repository does not take two writers well either.
        with _locked(cache_folder / "lock"):
            if not jars.exists():
                _download_whole(version, jars)
    return jars


def _release(version: Version) -> str:
    pom = ElementTree.parse(HERE / f"pom-{version}.xml")
    return pom.findtext("{*}properties/{*}neo4j.version", default=version)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _download_whole(version: Version, jars: Path) -> None:
    partial = jars.with_name(f"{jars.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    _copy_dependencies(version, partial)
    partial.rename(jars)


def _copy_dependencies(version: Version, target: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise Neo4jUnavailableError(f"Maven (mvn) is needed to download Neo4j {version}, and is not on PATH")
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    try:
        subprocess.run(
            [maven, "-q", "-B", "-f", HERE / f"pom-{version}.xml", *goal],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=DOWNLOAD_SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        output = _tail(error.output or b"")
        raise Neo4jUnavailableError(f"Maven could not download Neo4j {version}: {error}\n{output}") from error


@cache
def _java(version: Version) -> Path:
    wanted = JAVA_RELEASES[version]
    seen = []
    for java in _java_candidates():
        release = _jdk_release(java)
        if release in wanted:
            return java
        seen.append(f"{java} ({release or 'no JDK'})")
    releases = "Java 17 or 21" if version == "5" else "Java 21 or newer"
    found = ", ".join(seen) or "none"
    raise Neo4jUnavailableError(
        f"Neo4j {version} needs {releases} (a JDK) in JAVA_HOME, on PATH or in /usr/lib/jvm; found: {found}"
    )


def _java_candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home, "bin", "java")
    if on_path := shutil.which("java"):
        yield Path(on_path)
    yield from sorted(Path("/usr/lib/jvm").glob("*/bin/java"))


def _jdk_release(java: Path) -> int | None:
    # Not -version: it does not tell a JDK from a JRE, which cannot run Server.java from source.
    try:
        modules = subprocess.run([java, "--list-modules"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    compiler = re.search(r"^jdk\.compiler@(\d+)", modules, re.MULTILINE)
    return int(compiler[1]) if compiler else None


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Neo4jUnavailableError(f"no free port found in {PORTS.start}..{PORTS.stop - 1} on 127.0.0.1")


def _answers(uri: str) -> bool:
    try:
        with GraphDatabase.driver(uri, connection_timeout=5) as driver:
            driver.verify_connectivity()
    except (DriverError, Neo4jError):
        return False
    return True


def _tail(output: bytes, lines: int = 40) -> str:
    return "\n".join(output.decode(errors="replace").splitlines()[-lines:])


def main() -> int:
    arguments, command = _parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        with _folder(arguments.folder) as folder, running(arguments.version, folder, durable=True) as server:
            if command:
                return _run(command, server)
            print(server.uri, flush=True)
            server.wait()
            raise Neo4jUnavailableError(f"Neo4j {server.version} ended by itself; see {server.log}")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Neo4jUnavailableError as error:
        print(error, file=sys.stderr)
        return 1


def _parse(words: list[str]) -> tuple[argparse.Namespace, list[str]]:
    split = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(
        prog="python -m tests.neo4j.server",
        usage="%(prog)s [--folder FOLDER] {5,2026} [-- COMMAND ...]",
        description=f"Run COMMAND with {URI_VARIABLE} set, or keep a Neo4j up until interrupted.",
    )
    parser.add_argument("version", choices=get_args(Version))
    parser.add_argument("--folder", type=Path, help="where the data is kept (default: nowhere)")
    return parser.parse_args(words[:split]), words[split + 1 :]


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="customer-graph-neo4j-") as folder:
        yield Path(folder)


def _run(command: list[str], server: Neo4jServer) -> int:
    try:
        code = subprocess.run(command, env=os.environ | {URI_VARIABLE: server.uri}, check=False).returncode
    except OSError as error:
        print(error, file=sys.stderr)
        return 127
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
