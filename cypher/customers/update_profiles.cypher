// Changes what a source says. Parameters: rows (key, statements, firstStatements).
UNWIND $rows AS row
MATCH (p:SourceProfile {profileKey: row.key})
SET p.statements = row.statements, p.firstStatements = row.firstStatements
