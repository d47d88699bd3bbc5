"""What a request may be at most. The settings carry it, `service.api.limits` applies it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Bounds(BaseModel):
    """The most that a request may have; what a fragment has counts wherever it is spread."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    characters: int = Field(20_000, ge=1)
    tokens: int = Field(2_000, ge=1)
    nesting: int = Field(50, ge=1, le=150)
    """Of brackets of any kind."""
    depth: int = Field(20, ge=1)
    """Of fields below fields."""
    fields: int = Field(2_000, ge=1)
    aliases: int = Field(200, ge=0)
    directives: int = Field(100, ge=0)
    repeats: int = Field(25, ge=1)
    """Of one response name in one selection set, as it is written."""
    fragments: int = Field(100, ge=0, le=250)
    operations: int = Field(20, ge=1)
    values: int = Field(30_000, ge=1)
    """In the variables of a request, objects and lists among them."""
    items: int = Field(1_000, ge=1)
    """In one list of a request's variables."""
    value_depth: int = Field(50, ge=1, le=150)
    cost: int = Field(100_000, ge=1)
    """Of one operation: see `service.api.costs`."""
