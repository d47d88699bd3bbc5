// How many identifiers of each kind customers have. Parameters: ids. Columns: customer id, kind, count.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
WITH id, i.kind AS kind, count(*) AS many
RETURN collect([id, kind, many])
