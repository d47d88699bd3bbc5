// The constraints that there are. Columns: labels, properties.
SHOW CONSTRAINTS YIELD labelsOrTypes, properties
RETURN collect([labelsOrTypes, properties])
