"""What says who wrote it is signed by who asks: no mutation takes a name for `by` without knowing its caller."""

from __future__ import annotations

from graphql import GraphQLInputObjectType, get_named_type

from service.api.schema import types
from service.reads.fields import Written


def test_every_input_with_a_name_for_by_is_signed() -> None:
    mutation = types.schema.mutation_type
    assert mutation is not None
    signing = set()
    for name, field in mutation.fields.items():
        declared = types.field("Mutation", name)
        assert declared is not None
        assert isinstance(declared.declaration, Written)
        given = get_named_type(field.args["input"].type)
        assert isinstance(given, GraphQLInputObjectType)
        by = given.fields.get("by")
        if by is not None and get_named_type(by.type).name == "String":
            assert declared.declaration.by_caller, name
            signing.add(name)
    assert signing == {"moveDeal", "closeDeal", "reopenDeal", "addNote", "updateTicket"}
