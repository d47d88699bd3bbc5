// Why two customers must not be merged. Parameters: one, other (customer ids).
// Columns: reason, by, at (epoch ms), the id of the identity event that made it.
MATCH (c:Customer {id: $one})<-[:IDENTIFIES]-(:Identifier {kind: 'customer'})-[n:NOT_SAME_AS]-(:Identifier)-[:IDENTIFIES]->(d:Customer {id: $other})
RETURN collect(DISTINCT [n.reason, n.by, n.at, n.eventId])
