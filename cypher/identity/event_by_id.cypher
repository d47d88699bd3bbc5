// Fragment: the identity event with an id, or else that the customer was created whose id has the same digits. From k to h.
UNWIND ['customer:cus_' + substring(k, 4)] AS x
OPTIONAL MATCH (e:IdentityEvent {id: k})
OPTIONAL MATCH (o:Identifier {key: x})
WITH CASE WHEN e IS NULL
  THEN {id: k, kind: 'CREATED', at: o.createdAt, position: o.position, reason: 'first seen', by: o.createdBy,
        customerIds: [o.value], messageId: o.createdMessageId, undone: FALSE}
  ELSE e END AS h
WHERE h.position IS NOT NULL
