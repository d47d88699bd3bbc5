// Deletes the changes from one place in the log up to another. Parameters: after, upto (places).
MATCH (c:Change)
USING INDEX c:Change(place)
WHERE c.place > $after AND c.place <= $upto
DELETE c
