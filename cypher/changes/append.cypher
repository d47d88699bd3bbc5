// Writes changes at the end of the log. Parameters: rows (properties).
UNWIND $rows AS row
CREATE (c:Change)
SET c = row
