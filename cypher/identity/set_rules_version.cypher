// Says that the rules of kinds are others now. Parameters: rows (version).
UNWIND $rows AS row
MATCH (c:Counter {name: 'changes'})
SET c.rules = row.version
