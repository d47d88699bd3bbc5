// Moves of deals of the customers with ids from one to another. Parameters: first, last (ids), from, before (positions).
// Columns: customer's id, position, id of the stage that was entered.
MATCH (c:Customer)
USING INDEX c:Customer(id)
WHERE c.id >= $first AND c.id <= $last
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(:Deal)-[:MOVED]->(m:DealStageChange)
WHERE m.position >= $from AND m.position < $before
RETURN collect([c.id, m.position, m.toStageId])
