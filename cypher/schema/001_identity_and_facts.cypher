// Keys that are unique, and the orders that pages are read in. All indexed properties are strings:
// see service/positions.py for how a time becomes one.
CREATE CONSTRAINT migration_number IF NOT EXISTS FOR (m:Migration) REQUIRE m.number IS UNIQUE;
CREATE CONSTRAINT counter_name IF NOT EXISTS FOR (k:Counter) REQUIRE k.name IS UNIQUE;
CREATE CONSTRAINT message_key IF NOT EXISTS FOR (m:Message) REQUIRE m.key IS UNIQUE;
CREATE CONSTRAINT identifier_key IF NOT EXISTS FOR (i:Identifier) REQUIRE i.key IS UNIQUE;
CREATE CONSTRAINT identifier_id IF NOT EXISTS FOR (i:Identifier) REQUIRE i.id IS UNIQUE;
CREATE CONSTRAINT customer_id IF NOT EXISTS FOR (c:Customer) REQUIRE c.id IS UNIQUE;
CREATE CONSTRAINT touchpoint_id IF NOT EXISTS FOR (t:Touchpoint) REQUIRE t.id IS UNIQUE;
CREATE CONSTRAINT order_id IF NOT EXISTS FOR (o:Order) REQUIRE o.id IS UNIQUE;
CREATE CONSTRAINT order_key IF NOT EXISTS FOR (o:Order) REQUIRE o.orderKey IS UNIQUE;
CREATE CONSTRAINT source_profile_key IF NOT EXISTS FOR (p:SourceProfile) REQUIRE p.profileKey IS UNIQUE;
CREATE CONSTRAINT pipeline_id IF NOT EXISTS FOR (p:Pipeline) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT stage_id IF NOT EXISTS FOR (s:Stage) REQUIRE s.id IS UNIQUE;
CREATE CONSTRAINT deal_id IF NOT EXISTS FOR (d:Deal) REQUIRE d.id IS UNIQUE;
CREATE CONSTRAINT stage_change_id IF NOT EXISTS FOR (s:DealStageChange) REQUIRE s.id IS UNIQUE;
CREATE INDEX customer_last_seen IF NOT EXISTS FOR (c:Customer) ON (c.lastSeenPosition);

// The embedded engine does not read in the order of a composite index; it walks MADE instead.
// neo4j
CREATE INDEX touchpoint_order IF NOT EXISTS FOR (t:Touchpoint) ON (t.identifierKey, t.position);

// The embedded engine makes a type at the first use of a label, of a combination of labels or of a
// relationship, and concurrent first uses fail; so here each is used once.
// embedded
CREATE (c:Customer {id: 'first'}), (i:Identifier {key: 'first', id: 'first'}),
  (k:Cookie:Identifier {key: 'cookie', id: 'cookie'}), (d:Device:Identifier {key: 'device', id: 'device'}),
  (m:Message {key: 'first'}), (t:Touchpoint:Message {id: 'first', key: 'touchpoint'}),
  (o:Order {id: 'first', orderKey: 'first'}), (p:SourceProfile {profileKey: 'first'}),
  (deal:Deal {id: 'first'}), (s:DealStageChange:Message {id: 'first', key: 'change'}),
  (i)-[a1:IDENTIFIES]->(c), (i)-[a2:LINKED_TO]->(k), (k)-[a3:SEEN_ON]->(d), (i)-[a4:MADE]->(t),
  (i)-[a5:PLACED]->(o), (i)-[a6:DESCRIBED_BY]->(p), (i)-[a7:NEGOTIATES]->(deal), (deal)-[a8:MOVED]->(s)
DELETE a1, a2, a3, a4, a5, a6, a7, a8, c, i, k, d, m, t, o, p, deal, s;

MERGE (k:Counter {name: 'changes'})
ON CREATE SET k.seq = 0, k.clock = 0, k.lock = 0;
