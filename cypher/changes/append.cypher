// Writes changes at the end of the log, and says where that is. Parameters: rows (properties; the first one's place is the next).
MATCH (k:Counter {name: 'changes'})
SET k.seq = k.seq + size($rows)
WITH k
UNWIND $rows AS row
CREATE (c:Change)
SET c = row
