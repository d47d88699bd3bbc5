// What customers' deals are worth. Parameters: ids. Columns: customer id, deals ([state, amount, currency, closedAt]).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(:Identifier)-[:NEGOTIATES]->(d:Deal)
WITH id, collect([d.state, d.amount, d.currency, d.closedAt]) AS deals
RETURN collect([id, deals])
