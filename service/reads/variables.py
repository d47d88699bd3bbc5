"""Variables of a document: where they are used, and what makes two requests alike."""

from __future__ import annotations

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    Node,
    VariableNode,
    Visitor,
    visit,
)

_CONDITIONS = (GraphQLIncludeDirective.name, GraphQLSkipDirective.name)


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


class _Conditions(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if node.name.value in _CONDITIONS:
            self.names |= _names(node)


def _names(node: Node) -> set[str]:
    visitor = _Variables()
    visit(node, visitor)
    return visitor.names


def uses_variables(node: FieldNode) -> bool:
    """Whether an argument of a field has a variable in it."""
    return any(_names(argument) for argument in node.arguments or ())


def conditions(document: DocumentNode) -> tuple[str, ...]:
    """The variables that `@include` and `@skip` depend on."""
    visitor = _Conditions()
    visit(document, visitor)
    return tuple(sorted(visitor.names))
