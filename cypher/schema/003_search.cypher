// Keys by which customers are found: see service/identity/blocking.py.
CREATE CONSTRAINT search_key IF NOT EXISTS FOR (k:SearchKey) REQUIRE k.key IS UNIQUE;

// embedded
CREATE (i:Identifier {key: 'first', id: 'first'}), (p:SourceProfile {profileKey: 'first'}), (k:SearchKey {key: 'first'}),
  (i)-[a1:FOUND_BY]->(k), (p)-[a2:FOUND_BY]->(k)
DELETE a1, a2, i, p, k;
