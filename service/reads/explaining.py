"""What a document comes to, as text: the plan's statement and builder, or why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from service.reads.compiled import Compiled, Declined, Request


def explained(compiled: Compiled, request: Request) -> Iterator[str]:
    """The parts of an explanation, for a person to read."""
    try:
        variants = compiled.variants(request)
    except Declined as reason:
        yield f"No plan: {reason}.\nThe document is answered by GraphQL's own execution, a statement a relation."
        return
    for name, variant, (shared, own) in variants:
        title = f"after {name}" if name else "query"
        if not variant.text:
            yield f"-- {title}: nothing is read"
        else:
            yield f"-- {title}: one statement\n{variant.text}"
            yield f"-- its parameters\n{_parameters(shared)}"
            if own:
                yield f"-- a request's own, as p\n{_parameters(own)}"
        yield f"-- how the answer is built\n{variant.source}"


def _parameters(parameters: Mapping[str, Any]) -> str:
    return "\n".join(f"{name} = {value!r}" for name, value in parameters.items()) or "none"
