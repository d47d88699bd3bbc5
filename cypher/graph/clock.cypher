// The graph's clock, which every commit advances. Columns: clock.
MATCH (k:Counter {name: 'changes'})
RETURN collect([k.clock])
