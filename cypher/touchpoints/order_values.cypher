// Fragment: a customer's orders, cancelled and returned ones left out. From c to o.
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:PLACED]->(o:Order)
WHERE NOT o.status IN ['CANCELLED', 'RETURNED']
