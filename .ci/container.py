"""What Dockerfile and docker-compose.yml say, done without Docker: the build, then the commands, on a Neo4j.

Run as `python -m tests.neo4j.server 5 -- python .ci/container.py`; CUSTOMER_GRAPH_NEO4J_URI says where that is.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
START_SECONDS = 120
PYTHON = os.environ.get("CONTAINER_PYTHON", sys.executable)


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Each instruction with what follows it, on one line."""
    joined = re.sub(r"\\\n\s*", " ", dockerfile)
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(name.upper(), rest.strip()) for name, _, rest in (line.partition(" ") for line in lines)]


def build(stage: list[tuple[str, str]], source: Path, target: Path) -> None:
    """Copies what is copied into the image, and runs what is run there."""
    for name, rest in stage:
        if name == "COPY":
            *files, to = rest.split()
            for file in files:
                origin, goal = ROOT / file, source / to
                if origin.is_dir():
                    shutil.copytree(origin, goal, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    goal.mkdir(exist_ok=True)
                    shutil.copy(origin, goal)
        if name == "RUN":
            command = rest.replace("/opt/customer-graph", str(target)).replace(
                "python -m venv", f"{PYTHON} -m venv"
            )
            subprocess.run(["sh", "-euc", command], cwd=source, check=True, stdout=subprocess.DEVNULL)


def environment(service: dict[str, Any], programs: Path, port: int) -> dict[str, str]:
    """What a container has, with the Neo4j that is there for it."""
    given = {
        name: re.sub(r"\$\{NEO4J_PASSWORD[^}]*\}", "password", value)
        for name, value in service["environment"].items()
    }
    assert given["CUSTOMER_GRAPH_NEO4J_URI"] == "bolt://neo4j:7687"
    assert given["CUSTOMER_GRAPH_AUTH"] == "required"
    there = {"CUSTOMER_GRAPH_NEO4J_URI": os.environ["CUSTOMER_GRAPH_NEO4J_URI"], "CUSTOMER_GRAPH_PORT": str(port)}
    return given | there | {"PATH": f"{programs}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"}


def asked(port: int, key: str | None) -> tuple[int, str]:
    """Status and body of a query."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {key}"} if key else {})
    body = b'{"query": "{ pipelines { name } }"}'
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def serve(command: list[str], health: list[str], env: dict[str, str], folder: Path, port: int, key: str) -> None:
    """Runs the service as the container does, until it is healthy, asks it, and stops it as Docker does."""
    process = subprocess.Popen(command, cwd=folder, env=env)
    try:
        give_up = time.monotonic() + START_SECONDS
        while subprocess.run(health, cwd=folder, env=env, stderr=subprocess.DEVNULL, check=False).returncode != 0:
            assert process.poll() is None, "the service ended"
            assert time.monotonic() < give_up, "the service is not healthy"
            time.sleep(0.2)
        status, body = asked(port, None)
        assert "UNAUTHENTICATED" in body, (status, body)
        status, body = asked(port, key)
        assert status == 200, body
        assert json.loads(body)["data"]["pipelines"], body
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)
    assert code == 0, code


def main() -> None:
    """Raises where anything is not as it should be."""
    parsed = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    second = [name for name, _ in parsed].index("FROM", 1)
    image = dict(parsed[second:])
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    entry, command = json.loads(image["ENTRYPOINT"]), json.loads(image["CMD"])
    health = json.loads(image["HEALTHCHECK"].partition("CMD ")[2].replace("8000", str(port)))
    assert image["EXPOSE"] == "8000"
    assert compose["services"]["service"]["ports"] == ["127.0.0.1:8000:8000"]
    with tempfile.TemporaryDirectory() as name:
        folder, source, target = Path(name, "empty"), Path(name, "src"), Path(name, "venv")
        folder.mkdir()
        source.mkdir()
        build(parsed[1:second], source, target)
        env = environment(compose["services"]["migrate"], target / "bin", port)
        program = [shutil.which(entry[0], path=env["PATH"]) or "", *entry[1:]]
        assert program[0].startswith(str(target)), program
        subprocess.run([*program, *compose["services"]["migrate"]["command"]], cwd=folder, env=env, check=True)
        env = environment(compose["services"]["service"], target / "bin", port)
        made = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
        words = re.search(r"docker compose run --rm service (keys create .*)", made)
        assert words is not None, "docker-compose.yml does not say how the first key is made"
        keys = [*program, *shlex.split(words[1])]
        key = subprocess.run(
            keys, cwd=folder, env=env, check=True, stdout=subprocess.PIPE, text=True
        ).stdout.strip()
        serve([*program, *command], health, env, folder, port, key)
    print("Dockerfile and docker-compose.yml: their commands do what they should.")


if __name__ == "__main__":
    main()
