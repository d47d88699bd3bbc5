// Whether there is a pipeline. Parameters: id. Columns: id.
MATCH (p:Pipeline {id: $id})
RETURN collect([p.id])
