// Which customers must not be merged with which. Parameters: ids. Columns: customer id, other customer's id.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})-[:NOT_SAME_AS]-(:Identifier)-[:IDENTIFIES]->(d:Customer)
RETURN collect(DISTINCT [id, d.id])
