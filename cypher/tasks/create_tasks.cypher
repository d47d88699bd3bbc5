// Writes tasks. Parameters: rows (properties).
UNWIND $rows AS row
CREATE (t:Task)
SET t = row
