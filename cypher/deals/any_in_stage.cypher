// A deal that is in a stage, if there is one. Parameters: from, before (places in its list). Columns: id.
MATCH (d:Deal)
WHERE d.stagePosition >= $from AND d.stagePosition < $before
WITH d LIMIT 1
RETURN collect([d.id])
