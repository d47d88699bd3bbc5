// What sources say of identifiers. Parameters: keys.
// Columns: id, profileKey, source, identifierKey, statements, firstStatements (JSON; null: none).
UNWIND $keys AS key
MATCH (:Identifier {key: key})-[:DESCRIBED_BY]->(p:SourceProfile)
RETURN collect([p.id, p.profileKey, p.source, p.identifierKey, p.statements, p.firstStatements])
