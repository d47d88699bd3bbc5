// Takes identifiers from the customers that they identify. Parameters: rows (key).
UNWIND $rows AS row
MATCH (i:Identifier {key: row.key})-[e:IDENTIFIES]->(:Customer)
DELETE e
