// All ids, former ones too, of the customers that some ids name. Parameters: keys (of own identifiers). Columns: id.
UNWIND $keys AS key
MATCH (i:Identifier {key: key})-[:IDENTIFIES]->(c:Customer)
MATCH (c)<-[:IDENTIFIES]-(o:Identifier)
WHERE o.kind = 'customer'
RETURN collect([o.value])
