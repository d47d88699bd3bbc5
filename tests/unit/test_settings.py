from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment without settings, in an empty folder."""
    for name in [name for name in os.environ if name.upper().startswith("CUSTOMER_GRAPH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def configured(monkeypatch: pytest.MonkeyPatch, folder: Path, text: str) -> None:
    path = folder / "somewhere.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("CUSTOMER_GRAPH_CONFIG", str(path))


def test_without_any_setting_the_embedded_engine_is_served_on_this_machine_only() -> None:
    settings = Settings()
    assert settings.neo4j_uri is None
    assert settings.data == Path(".customer-graph")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.region is None
    assert settings.sources == {}
    assert settings.max_body_bytes == 4 * 1024 * 1024


def test_the_environment_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_NEO4J_URI", "bolt://graph:7687")
    monkeypatch.setenv("CUSTOMER_GRAPH_NEO4J_PASSWORD", "secret")
    monkeypatch.setenv("CUSTOMER_GRAPH_PORT", "0")
    monkeypatch.setenv("CUSTOMER_GRAPH_REGION", "UA")
    monkeypatch.setenv("CUSTOMER_GRAPH_SOURCES__crm__REGION", "CN")
    settings = Settings()
    assert settings.neo4j_uri == "bolt://graph:7687"
    assert settings.neo4j_password.get_secret_value() == "secret"
    assert settings.port == 0
    assert (settings.region, settings.region_of("crm"), settings.region_of("shop")) == ("UA", "CN", "UA")


def test_a_password_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_NEO4J_PASSWORD", "secret")
    assert "secret" not in repr(Settings())


def test_the_file_that_the_environment_names_sets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configured(monkeypatch, tmp_path, 'region = "DE"\nport = 9000\n[sources.crm]\nregion = "CN"\n[sources.web]\n')
    settings = Settings()
    assert settings.port == 9000
    assert settings.region_of("crm") == "CN"
    # A source without a region of its own, and one that is not named.
    assert settings.region_of("web") == settings.region_of("api") == "DE"


def test_the_file_in_the_present_folder_sets(tmp_path: Path) -> None:
    tmp_path.joinpath("customer-graph.toml").write_text("port = 9001\n", encoding="utf-8")
    assert Settings().port == 9001


def test_what_is_given_wins_over_the_environment_and_that_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configured(monkeypatch, tmp_path, 'port = 9000\nhost = "10.0.0.1"\nregion = "DE"\n')
    monkeypatch.setenv("CUSTOMER_GRAPH_PORT", "9001")
    monkeypatch.setenv("CUSTOMER_GRAPH_HOST", "10.0.0.2")
    settings = Settings(port=9002)
    assert (settings.port, settings.host, settings.region) == (9002, "10.0.0.2", "DE")


@pytest.mark.parametrize("region", ["XX", "de", "DEU", "Germany"])
def test_a_region_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_REGION", region)
    with pytest.raises(ValidationError, match=f"{region!r} is not a region; use an ISO 3166 code"):
        Settings()


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_NEO4J_URI", "")
    monkeypatch.setenv("CUSTOMER_GRAPH_REGION", "")
    settings = Settings()
    assert (settings.neo4j_uri, settings.region) == (None, None)


def test_a_sources_region_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configured(monkeypatch, tmp_path, '[sources.crm]\nregion = "XX"\n')
    with pytest.raises(ValidationError, match="'XX' is not a region"):
        Settings()


def test_a_misspelt_setting_of_a_source_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    configured(monkeypatch, tmp_path, '[sources.crm]\nregoin = "DE"\n')
    with pytest.raises(ValidationError, match="regoin"):
        Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "http"),
        ("EMBEDDED_MEMORY_MB", "255"),
        ("MAX_BODY_BYTES", "1023"),
        ("REQUEST_TIMEOUT_SECONDS", "0"),
        ("SHUTDOWN_TIMEOUT_SECONDS", "0"),
        ("POOL_SIZE", "1"),
    ],
)
def test_a_value_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CUSTOMER_GRAPH_{name}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert [error["loc"] for error in caught.value.errors()] == [(name.lower(),)]
