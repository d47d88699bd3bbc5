// Fragment: the evidence among a customer's identifiers, accepted or not, oldest first. From c to l.
MATCH (c)<-[:IDENTIFIES]-(a:Identifier)-[l:LINKED_TO]->(b:Identifier)-[:IDENTIFIES]->(c)
WITH {id: l.id, method: l.method, rule: l.rule, probability: l.probability, source: l.source, messageId: l.messageId,
      at: l.at, active: coalesce(l.active, TRUE), from: a.key, to: b.key} AS l
ORDER BY l.at, l.id
