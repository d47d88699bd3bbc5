// Customers whose records keys find, so many of each key at most. Parameters: keys, limit. Columns: key, customer id.
UNWIND $keys AS key
CALL (key) {
  MATCH (k:MatchKey {key: key})<-[:MATCHED_BY]-(i:Identifier)
  RETURN i LIMIT $limit
}
MATCH (i)-[:IDENTIFIES]->(c:Customer)
RETURN collect([key, c.id])
