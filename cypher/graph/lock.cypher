// Takes the one write lock and advances the graph's clock, which never stands still. Parameters: now (epoch ms).
// Columns: clock, the version of the rules of identifier kinds, the number of the last change.
MATCH (k:Counter {name: 'changes'})
SET k.lock = $now
WITH k, CASE WHEN k.clock >= $now THEN k.clock + 1 ELSE $now END AS clock
SET k.clock = clock
RETURN collect([clock, coalesce(k.rules, 0), k.seq])
