// Fragment: the move of a deal with an id. From k to m.
MATCH (m:DealStageChange {id: k})
