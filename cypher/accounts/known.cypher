// Accounts by id. Parameters: ids. Columns: id, name, domain.
UNWIND $ids AS id
MATCH (a:Account {id: id})
RETURN collect([a.id, a.name, a.domain])
