// Sets where the log begins. Parameters: number (of the last change that is deleted).
MATCH (k:Counter {name: 'changes kept'})
SET k.seq = $number
