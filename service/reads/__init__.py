"""Reads at the limit of the database: one selection, one statement.

Every field of the schema is *declared* (`fields`), beside the type it belongs to: a property of a row, something
computed of properties, or a *relation* (`relations`): a fragment of Cypher with its parameters. Two executors use
the same declarations and give the same answer: the compiled one here, and GraphQL's own execution (`ordinary`),
which answers what has no plan. A new type is covered by both as soon as it is declared.

How one query goes. A document

    query ($c: String!) { customer(by: {cookie: $c}) { state identifiers { kind } } }

is walked once (`planning`), as GraphQL collects fields. `customer` is *bound*: its arguments become a relation and
parameters, here of the variables, so again for each request. Each relation is a *subquery* with a *level* of
columns (`levels`), of which the statement is made (`statements`); no value is ever in its text:

    UNWIND $batch AS p
    WITH p.n AS p_0, COLLECT {
      MATCH (:Identifier {key: p.k_0})-[:IDENTIFIES]->(c0:Customer)
      WITH c0.state AS c0_0, COLLECT {
        MATCH (c0)<-[:IDENTIFIES]-(i1:Identifier) …
        RETURN [i1.kind]
      } AS c0_1
      RETURN [c0_0, c0_1]
    } AS p_1
    RETURN collect([p_0, p_1])

Beside it, Python is written that builds the answer of such rows (`builders`):

    def f0(r, b): return {"kind": r[0]}
    def f1(r, b): return {"state": r[0], "identifiers": [f0(x, b) for x in r[1]]}
    def f2(r, b, m): return {"customer": (f1(r[0][0], b) if r[0] else None)}

Both make a *variant* of the document's *plan* (`variants`, `compiled`), kept beside the parsed document, with a
variant for each way in which variables change what is read. A request binds its values, is sent (`gathering`:
together with equal ones that wait), and the row that comes back is handed to the builder. One record comes back,
of lists, with times as epoch milliseconds; the answer is a dict that orjson writes.

The ordinary execution reads a level of a document at a time (`fetching`), no more columns than are selected, and
completes lists of plain objects in one go (`completing`).

After a write the payload's selection is read in the same way: the mapping that the write made is `p`, and the
builder's `m`. A request that no plan covers, an argument that errs, a null where none may be: all are left to the
ordinary execution, which says what is wrong and where. `customer-graph explain` shows all this for a document.
"""
