// Says where the log ends. Parameters: rows (one: the number of the last change).
UNWIND $rows AS seq
MATCH (k:Counter {name: 'changes'})
SET k.seq = seq
