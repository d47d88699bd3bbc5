// Which model judges. Columns: version (epoch ms).
MATCH (l:MatchModel {name: 'current'})
RETURN collect([l.version])
