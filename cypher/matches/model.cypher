// The model that judges. Columns: version (epoch ms), model (JSON).
MATCH (l:MatchModel {name: 'current'})
RETURN collect([l.version, l.model])
