// Fragment: what sources say of a customer. From c to p.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:DESCRIBED_BY]->(p:SourceProfile)
