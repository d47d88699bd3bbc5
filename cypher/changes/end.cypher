// Where the log ends. Columns: the number of the last change.
MATCH (k:Counter {name: 'changes'})
RETURN collect([k.seq])
