// The log of changes, each at its own place: two at one would be a gap elsewhere.
CREATE CONSTRAINT change_place IF NOT EXISTS FOR (c:Change) REQUIRE c.place IS UNIQUE;

// embedded
CREATE (c:Change {place: 'first'})
DELETE c;
