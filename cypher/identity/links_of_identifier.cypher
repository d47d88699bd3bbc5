// Fragment: the evidence at an identifier, accepted or not, newest first. From i to l.
MATCH (i)-[l:LINKED_TO]-(:Identifier)
WITH {id: l.id, method: l.method, rule: l.rule, probability: l.probability, source: l.source, messageId: l.messageId,
      at: l.at, active: coalesce(l.active, TRUE), from: startNode(l).key, to: endNode(l).key} AS l
ORDER BY l.at DESC, l.id DESC
