// Fragment: a customer's deals. From c to d.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:NEGOTIATES]->(d:Deal)
