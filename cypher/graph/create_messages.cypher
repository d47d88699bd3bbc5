// Writes messages that are not facts themselves. Parameters: rows (message properties).
UNWIND $rows AS row
CREATE (m:Message)
SET m = row
