// Identifiers that keys find, so many of each key at most, and whom they identify. Parameters: keys, limit.
// Columns: customer id, kind, value.
UNWIND $keys AS key
CALL (key) {
  MATCH (k:SearchKey {key: key})<-[:FOUND_BY]-(i:Identifier)
  RETURN i LIMIT $limit
}
MATCH (i)-[:IDENTIFIES]->(c:Customer)
RETURN collect([c.id, i.kind, i.value])
