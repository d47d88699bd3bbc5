// The indexes that there are. Columns: labels, properties, state, percent of what is there that is in it.
SHOW INDEXES YIELD labelsOrTypes, properties, state, populationPercent
RETURN collect([labelsOrTypes, properties, state, populationPercent])
