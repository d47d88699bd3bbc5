// Of the changes from one place in the log up to another, those before a time. Parameters: after, upto (places), before (epoch ms).
// Columns: place.
MATCH (c:Change)
USING INDEX c:Change(place)
WHERE c.place > $after AND c.place <= $upto AND c.at < $before
RETURN collect([c.place])
