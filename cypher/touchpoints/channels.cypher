// How many touchpoints customers have by channel. Parameters: ids. Columns: customer id, channel, count.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(:Identifier)-[:MADE]->(t:Touchpoint)
RETURN id, t.channel, count(*)
