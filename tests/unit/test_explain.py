from __future__ import annotations

from typer.testing import CliRunner

from service.cli import app
from service.errors import BadInput


def explained(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["explain", *arguments])
    assert done.exception is None, done.exception
    return done.output


def test_a_document_comes_with_its_statement_its_parameters_and_its_builder() -> None:
    text = explained('{ customer(by: {cookie: "c1"}) { state identifiers { kind } } }')
    assert "UNWIND $batch AS p" in text
    assert "k_0 = 'cookie:c1'" in text
    assert 'return {"customer": ' in text
    assert "cookie:c1" not in text.partition("-- its parameters")[0]


def test_a_document_without_a_plan_comes_with_the_reason() -> None:
    text = explained("{ nodes(ids: []) { id } }")
    assert text.startswith("No plan: Query.nodes: ")


def test_a_document_that_is_wrong_is_bad_input() -> None:
    done = CliRunner().invoke(app, ["explain", "{ nope }"])
    assert isinstance(done.exception, BadInput)
    assert "nope" in done.exception.message


def test_variables_must_be_a_json_object() -> None:
    for variables in ("[]", "{"):
        done = CliRunner().invoke(app, ["explain", "{ pipelines { id } }", "--variables", variables])
        assert isinstance(done.exception, BadInput)
        assert done.exception.field == "--variables"
