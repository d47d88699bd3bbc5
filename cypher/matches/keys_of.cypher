// By which keys customers' records are found now. Parameters: ids. Columns: customer id, key of the own identifier, key.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier {kind: 'customer'})-[:MATCHED_BY]->(k:MatchKey)
RETURN collect([id, i.key, k.key])
