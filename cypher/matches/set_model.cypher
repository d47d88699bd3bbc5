// Lets a model judge. Parameters: version (epoch ms), model (JSON).
MERGE (l:MatchModel {name: 'current'})
SET l.version = $version, l.model = $model
