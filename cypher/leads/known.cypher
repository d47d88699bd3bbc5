// What a change of leads must know. Parameters: ids. Columns: id, identifierKey, position, title, status, owner, source, dealId.
UNWIND $ids AS id
MATCH (l:Lead {id: id})
RETURN collect([l.id, l.identifierKey, l.position, l.title, l.status, l.owner, l.source, l.dealId])
