// Leads, and the lists of leads that a filter asks for: see LISTS in service/leads/models.py.
CREATE CONSTRAINT lead_id IF NOT EXISTS FOR (l:Lead) REQUIRE l.id IS UNIQUE;
CREATE INDEX lead_position IF NOT EXISTS FOR (l:Lead) ON (l.position);
CREATE INDEX lead_status_position IF NOT EXISTS FOR (l:Lead) ON (l.statusPosition);
CREATE INDEX lead_owner_position IF NOT EXISTS FOR (l:Lead) ON (l.ownerPosition);
CREATE INDEX lead_source_position IF NOT EXISTS FOR (l:Lead) ON (l.sourcePosition);
CREATE INDEX lead_status_owner_position IF NOT EXISTS FOR (l:Lead) ON (l.statusOwnerPosition);
CREATE INDEX lead_status_source_position IF NOT EXISTS FOR (l:Lead) ON (l.statusSourcePosition);
CREATE INDEX lead_owner_source_position IF NOT EXISTS FOR (l:Lead) ON (l.ownerSourcePosition);
CREATE INDEX lead_status_owner_source_position IF NOT EXISTS FOR (l:Lead) ON (l.statusOwnerSourcePosition);

// embedded
CREATE (i:Identifier {key: 'first', id: 'first'}), (l:Lead:Message {id: 'first', key: 'lead'}),
  (i)-[a1:ASKED]->(l)
DELETE a1, i, l;
