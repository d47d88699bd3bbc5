// Whose changes are from one place in the log up to another. Parameters: after, upto (places).
// Columns: customer's id, and the ids of the customers that its facts were under before.
MATCH (c:Change)
USING INDEX c:Change(place)
WHERE c.place > $after AND c.place <= $upto
RETURN collect([c.customerId, c.previousIds])
