// Writes new source profiles, each on the identifier it describes. Parameters: rows (id, key, source, identifierKey,
// statements, firstStatements).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.identifierKey})
CREATE (i)-[:DESCRIBED_BY]->(p:SourceProfile)
SET p.id = row.id, p.profileKey = row.key, p.source = row.source,
    p.identifierKey = row.identifierKey, p.statements = row.statements,
    p.firstStatements = row.firstStatements
