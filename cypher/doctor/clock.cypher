// What time it is. Columns: the engine's clock, the graph's (epoch ms; null where there is no counter).
OPTIONAL MATCH (k:Counter {name: 'changes'})
RETURN collect([timestamp(), k.clock])
