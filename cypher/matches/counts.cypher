// How many records keys find. Parameters: keys. Columns: key, count.
UNWIND $keys AS key
MATCH (k:MatchKey {key: key})
WHERE k.many > 0
RETURN collect([key, k.many])
