// Source profiles that keys find, so many of each key at most, and whose they are. Parameters: keys, limit.
// Columns: customer id, source, names.
UNWIND $keys AS key
CALL (key) {
  MATCH (k:SearchKey {key: key})<-[:FOUND_BY]-(p:SourceProfile)
  RETURN p LIMIT $limit
}
MATCH (p)<-[:DESCRIBED_BY]-(:Identifier)-[:IDENTIFIES]->(c:Customer)
RETURN collect([c.id, p.source, p.names])
