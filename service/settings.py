"""Settings: environment variables with the prefix CUSTOMER_GRAPH_, and `customer-graph.toml`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import Enum, StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

import phonenumbers
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from service.bounds import Bounds
from service.customers.rules import DEFAULT_RULE, DEFAULT_RULES, MOST_TRUST, Survivorship, SurvivorshipRule
from service.tickets.models import ResponseTimes, TicketPriority

CONFIG_FILE = "customer-graph.toml"
ALL_OTHERS = "default"
"""What the table of survivorship rules calls all attributes that it does not name."""


def _known_region(region: str | None) -> str | None:
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"{region!r} is not a region; use an ISO 3166 code such as DE, CN or UA")
    return region


class Source(BaseModel):
    """What is known of one source of events."""

    model_config = ConfigDict(extra="forbid")

    region: str | None = None
    """ISO 3166 region in which this source writes phone numbers without a country code."""

    trust: int | None = Field(None, ge=0, le=MOST_TRUST)
    """How far this source is believed where sources disagree: higher is more."""

    _region = field_validator("region")(_known_region)


def _listed(given: object) -> object:
    return [one.strip() for one in given.split(",") if one.strip()] if isinstance(given, str) else given


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
"""Texts: in the environment with commas between, in the file a list."""

_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_HOST_NAME: Final = re.compile(r"(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")

_YEAR_MINUTES = 366 * 24 * 60


class Auth(Enum):
    """Who may ask."""

    NONE = "none"
    """Everybody who reaches the address, with all rights."""
    REQUIRED = "required"
    """Only who has an API key or a token."""


class ResponseMinutes(BaseModel):
    """For how long a ticket may be without an answer, by its priority."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    urgent: float = Field(60, gt=0, le=_YEAR_MINUTES)
    high: float = Field(4 * 60, gt=0, le=_YEAR_MINUTES)
    normal: float = Field(24 * 60, gt=0, le=_YEAR_MINUTES)
    low: float = Field(72 * 60, gt=0, le=_YEAR_MINUTES)


class LogFormat(StrEnum):
    """How a line of the log looks."""

    AUTO = "auto"
    """For people on a terminal, else JSON."""
    JSON = "json"
    CONSOLE = "console"


OperationName = Annotated[str, StringConstraints(pattern=r"^[_A-Za-z][_0-9A-Za-z]*$", max_length=100)]


class Settings(BaseSettings):
    """Everything that can be set; the README's table lists the same."""

    model_config = SettingsConfigDict(
        env_prefix="CUSTOMER_GRAPH_", env_ignore_empty=True, extra="forbid", env_nested_delimiter="__"
    )

    neo4j_uri: str | None = None
    """bolt:// or neo4j:// address; absent: the embedded engine."""
    neo4j_user: str = "neo4j"
    neo4j_password: SecretStr = SecretStr("")
    neo4j_database: str = "neo4j"
    data: Path = Path(".customer-graph")
    """Folder of the embedded engine."""
    embedded_memory_mb: int = Field(1024, ge=256)
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65535)
    allowed_hosts: Listed = ()
    """Names that the service is called by, beside localhost and numeric addresses, or `*.example.com`, or `*`."""
    cors_origins: Listed = ()
    """Origins of pages that may ask and read answers, such as `https://app.example.com`; `*` for all."""
    auth: Auth = Auth.NONE
    """Who may ask; `none` is for loopback addresses."""
    jwt_issuer: str | None = None
    """`iss` of tokens; with it tokens let in beside API keys, and the two below are needed."""
    jwt_audience: str | None = None
    """`aud` of tokens: the name by which the issuer knows this service."""
    jwt_keys: str | None = None
    """A JWKS: its https address (http on loopback), or the path of a file."""
    jwt_algorithms: Listed = ("RS256", "PS256", "ES256", "Ed25519", "EdDSA")
    """By which tokens may be signed; no others are, whatever a token says."""
    jwt_leeway_seconds: int = Field(3, ge=0, le=300)
    """By how much the issuer's clock may differ from this one."""
    insecure: bool = False
    """Serve everybody who reaches an address that is not loopback, without authentication."""
    region: str | None = None
    """Region of phone numbers without a country code, for sources that name none."""
    sources: dict[str, Source] = {}
    survivorship: dict[str, SurvivorshipRule] = {}
    """The rule for the golden value of each attribute, and under `default` that of all others."""
    limits: Bounds = Bounds()
    """What a document and its variables may be at most, and cost: …__COST and so on."""
    cost_per_minute: int | None = Field(None, ge=1_000)
    """What a caller may spend, with each process; absent: without end."""
    trusted_documents: Path | None = None
    """A manifest of documents; with it, no others are answered."""
    introspection: bool = True
    """Answer what is asked about the schema itself."""
    suggestions: bool = True
    """Let errors name fields, types and values that may have been meant."""
    max_body_bytes: int = Field(4 * 1024 * 1024, ge=1024)
    request_timeout_seconds: float = Field(30.0, gt=0)
    report_timeout_seconds: float = Field(25.0, gt=0)
    """Of a report over many journeys; less than a request's, so that it is a report's error that is answered."""
    shutdown_timeout_seconds: float = Field(10.0, gt=0)
    max_waiting_writes: int = Field(20_000, ge=2_500)
    pool_size: int = Field(50, ge=2)
    matching: bool = True
    """Look for customers who may be one person, as they are recorded or change."""
    auto_merge_probability: float | None = Field(None, ge=0.5, le=1)
    """From this probability on, candidates are merged by rule where nothing speaks against it; absent: never."""
    response_minutes: ResponseMinutes = ResponseMinutes()
    """After which the change log tells that a ticket has had no answer: …__URGENT, __HIGH, __NORMAL, __LOW."""
    webhook_loopback: bool = False
    """For development: webhooks may lead to loopback addresses, there by http too."""
    changes_kept_days: float = Field(30.0, gt=0)
    """For how long the log of changes is kept."""
    changes_kept: int = Field(10_000_000, ge=1_000)
    """How many changes of it are kept at most, also of those that are younger."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: LogFormat = LogFormat.AUTO
    tracing: bool = False
    """Send traces by OTLP over HTTP."""
    metrics: bool = True
    """At /metrics, for Prometheus."""
    log_requests: bool = False
    """A line for each operation that was answered."""
    slow_query_millis: float = Field(1_000.0, ge=0)
    """Statements to the graph that take longer are logged."""
    operation_names: frozenset[OperationName] = Field(frozenset(), max_length=1_000)
    """Names of operations that logs, metrics and traces may show; all others appear as `other`."""
    compiled_reads: bool = True
    """Answer documents by compiled plans where they can be."""
    coalesced_reads: bool = True
    """Send equal reads that wait at the same time as one statement."""

    _region = field_validator("region")(_known_region)

    @field_validator("allowed_hosts")
    @classmethod
    def _names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        hosts = tuple(one.lower() for one in hosts)
        for one in hosts:
            if one != "*" and not _HOST_NAME.fullmatch(one):
                raise ValueError(
                    f"{one!r} is not a name of a host, without a port; use api.example.com or *.example.com"
                )
        return hosts

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        origins = tuple(one.lower() for one in origins)
        for one in origins:
            if one != "*" and not _ORIGIN.fullmatch(one):
                raise ValueError(
                    f"{one!r} is not an origin; use https://app.example.com, with a port but without a path"
                )
        # As browsers write them.
        return tuple(one.removesuffix(":443" if one.startswith("https:") else ":80") for one in origins)

    @field_validator("survivorship")
    @classmethod
    def _by_sources(cls, rules: dict[str, SurvivorshipRule]) -> dict[str, SurvivorshipRule]:
        if SurvivorshipRule.SET_BY_HAND in rules.values():
            others = ", ".join(rule.value for rule in SurvivorshipRule if rule is not SurvivorshipRule.SET_BY_HAND)
            raise ValueError(f"what is set by hand wins over every rule; choose among sources by one of {others}")
        return rules

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        del dotenv_settings, file_secret_settings
        path = os.environ.get("CUSTOMER_GRAPH_CONFIG", CONFIG_FILE)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=path)

    def region_of(self, source: str) -> str | None:
        """The phone region of a source, else the general one."""
        named = self.sources.get(source)
        return named.region if named and named.region else self.region

    @cached_property
    def response_times(self) -> ResponseTimes:
        """For how long a ticket may be without an answer, in milliseconds."""
        minutes: Mapping[str, float] = self.response_minutes.model_dump()
        return {one: round(minutes[one.value.lower()] * 60_000) for one in TicketPriority}

    @cached_property
    def golden_rules(self) -> Survivorship:
        """How golden values are chosen: what is set here, else what has a default of its own, else the default."""
        return Survivorship(
            {**DEFAULT_RULES, **{name: rule for name, rule in self.survivorship.items() if name != ALL_OTHERS}},
            self.survivorship.get(ALL_OTHERS, DEFAULT_RULE),
            {name: source.trust for name, source in self.sources.items() if source.trust is not None},
        )
