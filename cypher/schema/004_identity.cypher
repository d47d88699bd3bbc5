// Who is who: its history, what must not be merged, the rules of kinds, and what has to be looked into still.
CREATE CONSTRAINT identity_event_id IF NOT EXISTS FOR (e:IdentityEvent) REQUIRE e.id IS UNIQUE;
CREATE CONSTRAINT identifier_kind_name IF NOT EXISTS FOR (k:IdentifierKind) REQUIRE k.name IS UNIQUE;
CREATE CONSTRAINT chore_key IF NOT EXISTS FOR (h:Chore) REQUIRE h.key IS UNIQUE;

// embedded
CREATE (i:Identifier {key: 'first', id: 'first'}), (j:Identifier {key: 'second', id: 'second'}),
  (e:IdentityEvent {id: 'first'}), (k:IdentifierKind {name: 'first'}), (h:Chore {key: 'first'}),
  (e)-[a1:CONCERNS]->(i), (i)-[a2:NOT_SAME_AS]->(j)
DELETE a1, a2, i, j, e, k, h;
