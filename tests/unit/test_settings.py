from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.bounds import Bounds
from service.customers.rules import DEFAULT_RULES, Survivorship, SurvivorshipRule
from service.settings import Settings
from service.tickets.models import TicketPriority


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
    assert (settings.allowed_hosts, settings.cors_origins) == ((), ())
    assert settings.sources == {}
    assert settings.max_body_bytes == 4 * 1024 * 1024
    assert settings.matching is True
    assert settings.webhook_loopback is False
    assert settings.auto_merge_probability is None
    assert (settings.changes_kept_days, settings.changes_kept) == (30, 10_000_000)
    hour = 3_600_000
    assert settings.response_times == {
        TicketPriority.URGENT: hour,
        TicketPriority.HIGH: 4 * hour,
        TicketPriority.NORMAL: 24 * hour,
        TicketPriority.LOW: 72 * hour,
    }


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


def test_the_environment_sets_for_how_long_a_ticket_may_be_without_an_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_RESPONSE_MINUTES__URGENT", "0.5")
    times = Settings().response_times
    assert (times[TicketPriority.URGENT], times[TicketPriority.HIGH]) == (30_000, 4 * 3_600_000)


@pytest.mark.parametrize("wrong", ["-1", "0", "nan", "inf", "1000000", "soon"])
def test_a_ticket_cannot_be_without_an_answer_for_such_a_time(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_RESPONSE_MINUTES__LOW", wrong)
    with pytest.raises(ValidationError, match=r"response_minutes\.low"):
        Settings()


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


def test_without_settings_golden_values_are_chosen_by_the_defaults() -> None:
    assert Settings().golden_rules == Survivorship()
    assert (Survivorship().rule_of("city"), Survivorship().trust_of("crm")) == (SurvivorshipRule.MOST_RECENT, 50)


def test_the_file_sets_the_rule_of_each_attribute_and_the_trust_in_each_source(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = """
    [survivorship]
    default = "MOST_TRUSTED_SOURCE"
    city = "OLDEST"
    birthDate = "MOST_RECENT"
    [sources.crm]
    trust = 90
    [sources.ads]
    trust = 0
    region = "DE"
    [sources.web]
    """
    configured(monkeypatch, tmp_path, text)
    rules = Settings().golden_rules
    named = {"city": SurvivorshipRule.OLDEST, "birthDate": SurvivorshipRule.MOST_RECENT}
    assert rules == Survivorship(
        {**DEFAULT_RULES, **named}, SurvivorshipRule.MOST_TRUSTED_SOURCE, {"crm": 90, "ads": 0}
    )
    assert rules.rule_of("name") is SurvivorshipRule.MOST_TRUSTED_SOURCE
    # What has a default of its own keeps it, unless it is named.
    assert rules.rule_of("dateOfBirth") is SurvivorshipRule.MOST_FREQUENT
    assert [rules.trust_of(source) for source in ("crm", "ads", "web", "shop")] == [90, 0, 50, 50]


def test_the_environment_sets_the_rules_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_SURVIVORSHIP", '{"birthDate": "OLDEST"}')
    monkeypatch.setenv("CUSTOMER_GRAPH_SOURCES__crm__TRUST", "70")
    rules = Settings().golden_rules
    assert (rules.rule_of("birthDate"), rules.trust_of("crm")) == (SurvivorshipRule.OLDEST, 70)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[survivorship]\ncity = "NEWEST"\n', "'MOST_RECENT', 'MOST_TRUSTED_SOURCE'"),
        (
            '[survivorship]\ncity = "SET_BY_HAND"\n',
            "choose among sources by one of MOST_RECENT, MOST_TRUSTED_SOURCE, MOST_FREQUENT, OLDEST",
        ),
        ("[sources.crm]\ntrust = 101\n", "less than or equal to 100"),
        ("[sources.crm]\ntrust = -1\n", "greater than or equal to 0"),
    ],
)
def test_rules_and_ranks_that_there_are_not_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, reason: str
) -> None:
    configured(monkeypatch, tmp_path, text)
    with pytest.raises(ValidationError, match=reason):
        Settings()


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
        ("AUTO_MERGE_PROBABILITY", "0.49"),
        ("AUTO_MERGE_PROBABILITY", "1.01"),
        ("AUTO_MERGE_PROBABILITY", "sure"),
    ],
)
def test_a_value_out_of_bounds_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CUSTOMER_GRAPH_{name}", value)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert [error["loc"] for error in caught.value.errors()] == [(name.lower(),)]


def test_hosts_and_origins_have_commas_between_or_are_lists(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    configured(monkeypatch, tmp_path, 'allowed_hosts = ["api.example.com"]\ncors_origins = ["*"]')
    assert (Settings().allowed_hosts, Settings().cors_origins) == (("api.example.com",), ("*",))
    monkeypatch.setenv("CUSTOMER_GRAPH_ALLOWED_HOSTS", "API.example.com, *.inside.example,service")
    origins = (
        "https://App.example.com, http://localhost:3000,http://[::1]:80,https://a.example:443,https://b.example:80"
    )
    monkeypatch.setenv("CUSTOMER_GRAPH_CORS_ORIGINS", origins)
    assert Settings().allowed_hosts == ("api.example.com", "*.inside.example", "service")
    assert Settings().cors_origins == (
        "https://app.example.com",
        "http://localhost:3000",
        "http://[::1]",
        "https://a.example",
        "https://b.example:80",
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ALLOWED_HOSTS", "api.example.com:8000", "is not a name of a host"),
        ("ALLOWED_HOSTS", "https://api.example.com", "is not a name of a host"),
        ("ALLOWED_HOSTS", "api.*.com", "is not a name of a host"),
        ("CORS_ORIGINS", "app.example.com", "is not an origin"),
        ("CORS_ORIGINS", "https://app.example.com/", "is not an origin"),
        ("CORS_ORIGINS", "https://*.example.com", "is not an origin"),
        ("CORS_ORIGINS", "null", "is not an origin"),
    ],
)
def test_a_host_or_origin_that_could_match_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(f"CUSTOMER_GRAPH_{name}", value)
    with pytest.raises(ValidationError, match=told):
        Settings()


def test_bounds_are_set_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_GRAPH_LIMITS__COST", "500")
    assert Settings().limits == Bounds(cost=500)
    monkeypatch.setenv("CUSTOMER_GRAPH_LIMITS__COST", "0")
    with pytest.raises(ValidationError, match=r"limits\.cost"):
        Settings()
