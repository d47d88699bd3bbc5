// Says where the log ends. Parameters: rows (one, with seq: the number of the last change).
UNWIND $rows AS row
MATCH (k:Counter {name: 'changes'})
SET k.seq = row.seq
