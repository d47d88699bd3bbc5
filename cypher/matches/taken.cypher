// Which pairs have a candidate. Parameters: pairs. Columns: pair.
UNWIND $pairs AS pair
MATCH (m:MatchCandidate {pair: pair})
RETURN collect([pair])
