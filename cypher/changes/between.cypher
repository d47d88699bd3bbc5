// Changes from one place in the log up to another, in any order. Parameters: after, upto (places).
// Columns: place, kind, time (epoch ms), customer's id, ids of the customers that its facts were under before, names of changed
// fields, id of what it is about, pipeline's id, owners.
MATCH (c:Change)
USING INDEX c:Change(place)
WHERE c.place > $after AND c.place <= $upto
RETURN collect([c.place, c.kind, c.at, c.customerId, c.previousIds, c.fields, c.subjectId, c.pipelineId, c.owners])
