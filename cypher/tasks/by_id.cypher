// Fragment: the task with an id. From k to t.
MATCH (t:Task {id: k})
