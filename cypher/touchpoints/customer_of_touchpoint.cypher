// Fragment: the customer of a touchpoint. From k (its id) to c.
MATCH (t:Touchpoint {id: k})<-[:MADE]-(i:Identifier)-[:IDENTIFIES]->(c:Customer)
