// Fragment: how many touchpoints a customer has by channel. From c. Values: x (channel), n (how many).
MATCH (c)<-[:IDENTIFIES]-(i:Identifier)-[:MADE]->(t:Touchpoint)
WITH t.channel AS x, count(*) AS n
