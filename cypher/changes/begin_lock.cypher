// Lets one process at a time delete from the log, and says where it begins. Parameters: token (any).
// Columns: the number of the last change that was deleted.
MERGE (k:Counter {name: 'changes kept'})
SET k.lock = $token
RETURN collect([coalesce(k.seq, 0)])
