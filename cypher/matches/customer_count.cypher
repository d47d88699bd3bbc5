// How many customers there are behind one. Parameters: after (id). Columns: count.
MATCH (c:Customer)
WHERE c.id > $after
WITH count(c) AS many
RETURN collect([many])
