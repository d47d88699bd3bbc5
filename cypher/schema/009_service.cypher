// Tasks, tickets and notes; the lists that they are paged in (see service/lists.py), and what is to be told of next.
CREATE CONSTRAINT task_id IF NOT EXISTS FOR (t:Task) REQUIRE t.id IS UNIQUE;
CREATE CONSTRAINT ticket_id IF NOT EXISTS FOR (e:Ticket) REQUIRE e.id IS UNIQUE;
CREATE CONSTRAINT note_id IF NOT EXISTS FOR (n:Note) REQUIRE n.id IS UNIQUE;
CREATE INDEX task_position IF NOT EXISTS FOR (t:Task) ON (t.position);
CREATE INDEX task_owner_position IF NOT EXISTS FOR (t:Task) ON (t.ownerPosition);
CREATE INDEX task_state_position IF NOT EXISTS FOR (t:Task) ON (t.statePosition);
CREATE INDEX task_owner_state_position IF NOT EXISTS FOR (t:Task) ON (t.ownerStatePosition);
CREATE INDEX task_due_position IF NOT EXISTS FOR (t:Task) ON (t.duePosition);
CREATE INDEX task_owner_due_position IF NOT EXISTS FOR (t:Task) ON (t.ownerDuePosition);
CREATE INDEX task_state_due_position IF NOT EXISTS FOR (t:Task) ON (t.stateDuePosition);
CREATE INDEX task_owner_state_due_position IF NOT EXISTS FOR (t:Task) ON (t.ownerStateDuePosition);
CREATE INDEX ticket_position IF NOT EXISTS FOR (e:Ticket) ON (e.position);
CREATE INDEX ticket_owner_position IF NOT EXISTS FOR (e:Ticket) ON (e.ownerPosition);
CREATE INDEX ticket_state_position IF NOT EXISTS FOR (e:Ticket) ON (e.statePosition);
CREATE INDEX ticket_priority_position IF NOT EXISTS FOR (e:Ticket) ON (e.priorityPosition);
CREATE INDEX ticket_owner_state_position IF NOT EXISTS FOR (e:Ticket) ON (e.ownerStatePosition);
CREATE INDEX ticket_owner_priority_position IF NOT EXISTS FOR (e:Ticket) ON (e.ownerPriorityPosition);
CREATE INDEX ticket_state_priority_position IF NOT EXISTS FOR (e:Ticket) ON (e.statePriorityPosition);
CREATE INDEX ticket_owner_state_priority_position IF NOT EXISTS FOR (e:Ticket) ON (e.ownerStatePriorityPosition);
CREATE INDEX task_reminder IF NOT EXISTS FOR (t:Task) ON (t.reminderAt);
CREATE INDEX ticket_reminder IF NOT EXISTS FOR (e:Ticket) ON (e.reminderAt);

// embedded
CREATE (i:Identifier {key: 'first', id: 'first'}), (d:Deal {id: 'first'}), (t:Task {id: 'first'}), (e:Ticket {id: 'first'}),
  (n:Note {id: 'first'}), (i)-[a1:HAS_TASK]->(t), (d)-[a2:HAS_TASK]->(t), (i)-[a3:OPENED]->(e), (i)-[a4:HAS_NOTE]->(n),
  (e)-[a5:HAS_NOTE]->(n)
DELETE a1, a2, a3, a4, a5, i, d, t, e, n;
