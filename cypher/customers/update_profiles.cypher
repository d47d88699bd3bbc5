// Changes what a source says. Parameters: rows (key, statements).
UNWIND $rows AS row
MATCH (p:SourceProfile {profileKey: row.key})
SET p.statements = row.statements
