// How many records keys find. Parameters: keys. Columns: key, count.
MATCH (k:MatchKey)
WHERE k.key IN $keys AND k.many > 0
RETURN collect([k.key, k.many])
