"""The demo as a newcomer runs it: one command, three answers, nothing left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.front


@pytest.mark.timeout(120)
def test_the_demo_shows_three_queries_and_leaves_nothing(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if request.config.getoption("--engine") != "embedded":
        pytest.skip("the demo always runs on the embedded engine")
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "demo", "--once"],
        # An address of another graph in the environment does not make the demo write there.
        env=os.environ | {"TMPDIR": str(tmp_path), "CUSTOMER_GRAPH_NEO4J_URI": "bolt://127.0.0.1:1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - started < 60
    assert done.stderr == ""
    # The frames of the answers, and where they break lines, are not the point.
    shown = " ".join(re.sub(r"[│╭╮╰╯─]", " ", done.stdout).split())
    assert re.search(r"GraphiQL is at http://127\.0\.0\.1:\d+/, the API at http://127\.0\.0\.1:\d+/graphql", shown)
    assert shown.count("{ # A ") == shown.count(" Answer ") == 3
    runner, his_journey, ivanov = (part.partition(" Answer ")[2] for part in shown.split("{ # A ")[1:])
    assert "state: KNOWN" in runner
    assert "timeToFirstConversion P5D" in runner
    steps = r"web page_view .* social_ad ad_click .* web \S+ .* Order "
    assert re.search(steps, his_journey)
    assert re.search(r"organic_search page_view .* social_ad ad_click .* Won", ivanov)
    assert "24900.00 EUR" in ivanov
    assert re.search(r"previousIds: cus_[0-9a-f]{32} ", ivanov)
    assert list(tmp_path.iterdir()) == []
    left = [
        process for process in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(process.info["cmdline"])
    ]
    assert left == []
