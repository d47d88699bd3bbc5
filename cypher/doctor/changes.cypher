// How many changes there are from one place in the log up to another. Parameters: after, upto (places). Columns: count.
MATCH (c:Change)
USING INDEX c:Change(place)
WHERE c.place > $after AND c.place <= $upto
WITH count(c) AS many
RETURN collect([many])
