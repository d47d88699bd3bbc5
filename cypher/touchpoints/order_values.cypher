// What customers' orders are worth, cancelled and returned ones left out. Parameters: ids.
// Columns: customer id, orders ([total, currency, occurredAt]).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(:Identifier)-[:PLACED]->(o:Order)
WHERE NOT o.status IN ['CANCELLED', 'RETURNED']
WITH id, collect([o.total, o.currency, o.occurredAt]) AS orders
RETURN collect([id, orders])
