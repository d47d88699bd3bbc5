// Fragment: how many touchpoints a customer has. From c. Values: n.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)
WITH sum(COUNT { (i)-[:MADE]->() }) AS n
