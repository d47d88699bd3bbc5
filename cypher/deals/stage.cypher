// Fragment: the stage that a deal is in. From d to s.
MATCH (s:Stage {id: d.stageId})
