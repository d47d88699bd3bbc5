// The oldest change that there is. Columns: place.
// The order is that of the index: an ORDER BY would make the embedded engine sort them all.
MATCH (c:Change)
USING INDEX c:Change(place)
WHERE c.place > ''
WITH c LIMIT 1
RETURN collect([c.place])
