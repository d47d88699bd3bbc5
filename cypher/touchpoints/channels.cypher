// How many touchpoints customers have by channel. Parameters: ids. Columns: customer id, channel, count.
UNWIND $ids AS id
MATCH (c:Customer {id: id})<-[:IDENTIFIES]-(:Identifier)-[:MADE]->(t:Touchpoint)
WITH id, t.channel AS channel, count(*) AS many
RETURN collect([id, channel, many])
