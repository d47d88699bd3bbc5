// Who belongs to accounts by hand. Parameters: ids. Columns: account id, identifier key, position of the membership.
UNWIND $ids AS id
MATCH (a:Account {id: id})<-[b:BELONGS_TO]-(i:Identifier)
RETURN collect([a.id, i.key, b.position])
