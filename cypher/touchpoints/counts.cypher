// How many touchpoints customers have. Parameters: ids. Columns: customer id, count.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)
WITH id, sum(COUNT { (i)-[:MADE]->() }) AS many
RETURN collect([id, many])
