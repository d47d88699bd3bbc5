// Who may be one person: keys by which records meet, candidates, and the model that judges: see service/matches.
CREATE CONSTRAINT match_key IF NOT EXISTS FOR (k:MatchKey) REQUIRE k.key IS UNIQUE;
CREATE CONSTRAINT match_candidate_id IF NOT EXISTS FOR (m:MatchCandidate) REQUIRE m.id IS UNIQUE;
CREATE CONSTRAINT match_candidate_pair IF NOT EXISTS FOR (m:MatchCandidate) REQUIRE m.pair IS UNIQUE;
CREATE CONSTRAINT match_model_name IF NOT EXISTS FOR (l:MatchModel) REQUIRE l.name IS UNIQUE;
CREATE INDEX match_candidate_place IF NOT EXISTS FOR (m:MatchCandidate) ON (m.place);
CREATE INDEX customer_match_due IF NOT EXISTS FOR (c:Customer) ON (c.matchDue);

// embedded
CREATE (i:Identifier {key: 'first', id: 'first'}), (k:MatchKey {key: 'first'}), (m:MatchCandidate {id: 'first', pair: 'first'}),
  (l:MatchModel {name: 'first'}), (i)-[a1:MATCHED_BY]->(k), (m)-[a2:PROPOSES]->(i)
DELETE a1, a2, i, k, m, l;

// What matchers of all processes write, they write one after the other, and beside what is recorded.
MERGE (k:Counter {name: 'matching'})
ON CREATE SET k.lock = 0;
