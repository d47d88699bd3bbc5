// What customers can be reached by. Parameters: ids, kinds. Columns: customer id, kind, value.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
WHERE i.kind IN $kinds
RETURN collect([id, i.kind, i.value])
