"""What callers may see: for every field the scope that it needs, and how it looks without personal data.

`rules` says what a rule is; the tables beside it, split as the schema is, give every field of every type one:

    rules("Identifier", Scope.PROFILES_READ, shown("id kind generic …"), masked(IDENTIFIER, "value rawValue"))

A field that no table names needs every scope there is, and a test fails for it (`tests/unit/api/policy`), so
that a new field is decided on before it is seen. `arguments` does the same for what is asked *by*: a filter tells
as much as a field does.

`needs` walks a document once and keeps what it needs beside the parsed document: a request is then let in by one
comparison of sets (`service.api.admission`). Masks are kept with the declarations of fields
(`service.reads.types`), and both executors apply them to leaves, by type and field: whichever way leads to a
value, it is masked.
"""
