// What sources say about customers. Parameters: ids.
// Columns: customer id, id, profileKey, source, identifierKey, statements, firstStatements (JSON; null: none).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)-[:DESCRIBED_BY]->(p:SourceProfile)
RETURN collect([id, p.id, p.profileKey, p.source, p.identifierKey, p.statements, p.firstStatements])
