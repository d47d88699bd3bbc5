"""What all inputs have in common: camelCase names, bounds on texts, and errors that name the field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, TypeVar

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from service.currencies import CURRENCIES
from service.errors import UserError, UserErrorCode
from service.positions import FIRST_MILLIS, LAST_MILLIS, millis

MAX_JSON_BYTES: Final = 32 * 1024
"""Of one properties or attributes value."""
MAX_JSON_DEPTH: Final = 32
MAX_INTEGER_DIGITS: Final = 15
MAX_DECIMAL_PLACES: Final = 8


class Input(BaseModel):
    """Base of all inputs. Names are camelCase outside; what is not known is an error."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True)


T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _printable(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return text


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("the character NUL is not allowed")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
]
"""A short text that must say something: 1 to 200 characters."""
Text = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_no_nul)]
"""A text up to 4,000 characters."""


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError("it says nothing")
    return text


LongText = Annotated[
    str, StringConstraints(max_length=10_000), AfterValidator(_no_nul), AfterValidator(_says_something)
]
"""What somebody wrote: up to 10,000 characters, and not blank."""


def _has_a_position(at: datetime) -> datetime:
    # A year that UTC knows: where the offset leads out of the years 1 to 9999, nothing could show it.
    if not FIRST_MILLIS <= millis(at) <= LAST_MILLIS:
        raise ValueError("outside the years 1 to 9999 in UTC")
    return at


Moment = Annotated[AwareDatetime, AfterValidator(_has_a_position)]
"""A time with its offset, of the years 1 to 9999."""


def _not_null(value: T) -> T:
    if value is None:
        raise ValueError("it cannot be cleared; leave it out to keep it as it is")
    return value


NEVER_NULL: Final = AfterValidator(_not_null)
"""Of a field that an update may leave out, but not clear."""


def _bounded(amount: Decimal) -> Decimal:
    if not amount.is_finite():
        raise ValueError("the amount must be a number")
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)
    if -exponent > MAX_DECIMAL_PLACES or amount.adjusted() >= MAX_INTEGER_DIGITS:
        raise ValueError(
            f"the amount may have {MAX_INTEGER_DIGITS} digits before the point and {MAX_DECIMAL_PLACES} after it"
        )
    return amount


def _known_currency(code: str) -> str:
    if code not in CURRENCIES:
        raise ValueError(f"{code[:10]!r} is not a currency; use an ISO 4217 code such as EUR")
    return code


Amount = Annotated[Decimal, AfterValidator(_bounded)]
CurrencyCode = Annotated[str, AfterValidator(_known_currency)]


class MoneyInput(Input):
    """An amount in one currency."""

    amount: Amount
    currency: CurrencyCode

    def text(self) -> str:
        """The amount as plain digits, none lost."""
        return format(self.amount + 0, "f")  # Adding makes 0 of -0.


def _is_deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(one, levels - 1) for one in inner)


def _json_object(value: Any) -> Any:
    """Checks a JSON value on the way in, and keeps it."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ValueError("a JSON object is needed, such as {}")
    try:
        size = len(orjson.dumps(value))
    except orjson.JSONEncodeError as error:
        raise ValueError(f"not storable as JSON: {error}") from None
    if _is_deeper(value, MAX_JSON_DEPTH):
        raise ValueError(f"more than {MAX_JSON_DEPTH} levels deep")
    if size > MAX_JSON_BYTES:
        raise ValueError(f"{size} bytes as JSON; at most {MAX_JSON_BYTES} are kept")
    return value


JsonObject = Annotated[dict[str, Any] | None, AfterValidator(_json_object)]


class Invalid(Exception):
    """An input whose content is wrong."""

    def __init__(self, errors: tuple[UserError, ...]) -> None:
        super().__init__(errors)
        self.errors = errors


I = TypeVar("I", bound=Input)  # noqa: E741


def parsed(model: type[I], raw: Mapping[str, Any]) -> I:
    """An input from its JSON form.

    Raises:
        Invalid: with a user error for each thing that is wrong.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise Invalid(tuple(_user_error(detail["loc"], detail["msg"]) for detail in error.errors())) from None


def _user_error(location: tuple[int | str, ...], message: str) -> UserError:
    path = tuple(str(part) for part in location)
    reason = message.removeprefix("Value error, ")
    return UserError(UserErrorCode.INVALID, f"{'.'.join(path)}: {reason}" if path else reason, path)
