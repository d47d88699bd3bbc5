// Where the log begins. Columns: the number of the last change that was deleted; no row where none ever was.
MATCH (k:Counter {name: 'changes kept'})
RETURN collect([k.seq])
