// What sources say about customers now. Parameters: ids. Columns: customer id, source, statements (JSON).
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(i:Identifier)-[:DESCRIBED_BY]->(p:SourceProfile)
RETURN collect([id, p.source, p.statements])
