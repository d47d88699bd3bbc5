"""Damages that are done to a graph by hand, and what the doctor says of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """What is done by hand, how it is undone, and what is found."""

    name: str
    done: tuple[str, ...]
    undone: tuple[str, ...]
    check: str
    what: str
    remedy: str
    count: int = 1


COOKIE = "MATCH (i:Identifier {kind: 'cookie'}) WITH i ORDER BY i.key LIMIT 1 SET i.x = 1"
MARKED = "MATCH (i:Identifier {x: 1})"
DAMAGES = [
    Damage(
        "an identifier of nobody",
        ("CREATE (:Identifier {key: 'cookie:0', id: 'idf_x', kind: 'cookie', value: '0'})",),
        ("MATCH (i:Identifier {key: 'cookie:0'}) DELETE i",),
        "identifiers",
        "identifiers identify nobody",
        "Restore a backup",
    ),
    Damage(
        "an identifier of two",
        (
            "MATCH (c:Customer) WITH c ORDER BY c.id LIMIT 2 WITH collect(c) AS two "
            "WITH two[0] AS one, two[1] AS other "
            "CREATE (i:Identifier {key: 'cookie:0', id: 'idf_x', kind: 'cookie', value: '0'}) "
            "CREATE (i)-[:IDENTIFIES]->(one) CREATE (i)-[:IDENTIFIES]->(other)",
        ),
        (
            "MATCH (i:Identifier {key: 'cookie:0'})-[e:IDENTIFIES]->(:Customer) DELETE e",
            "MATCH (i:Identifier {key: 'cookie:0'}) DELETE i",
        ),
        "identifiers",
        "identifiers identify several customers",
        "Restore a backup",
        count=2,
    ),
    Damage(
        "a generic identifier of somebody",
        (COOKIE, f"{MARKED} SET i.generic = true"),
        (f"{MARKED} SET i.generic = false REMOVE i.x",),
        "identifiers",
        "generic identifiers identify somebody",
        "Restore a backup",
    ),
    Damage(
        "a customer of nothing",
        ("CREATE (:Customer {id: 'cus_x', state: 'ANONYMOUS'})",),
        ("MATCH (c:Customer {id: 'cus_x'}) DELETE c",),
        "customers",
        "customers have no identifier",
        "Restore a backup",
    ),
    Damage(
        "a state that is wrong",
        ("MATCH (c:Customer {state: 'KNOWN'}) WITH c ORDER BY c.id LIMIT 1 SET c.state = 'ANONYMOUS', c.x = 1",),
        ("MATCH (c:Customer {x: 1}) SET c.state = 'KNOWN' REMOVE c.x",),
        "customers",
        "customers should be KNOWN",
        "Restore a backup",
    ),
    Damage(
        "evidence that is gone",
        (
            "MATCH (:Identifier)-[l:LINKED_TO]->(i:Identifier {kind: 'cookie'}) "
            "WITH l ORDER BY l.id LIMIT 1 SET l.active = false, l.x = 1",
        ),
        ("MATCH (:Identifier)-[l:LINKED_TO {x: 1}]->(:Identifier) SET l.active = true REMOVE l.x",),
        "customers",
        "customers hang together by no accepted link",
        "Restore a backup",
    ),
    Damage(
        "evidence across customers",
        (
            "MATCH (a:Customer) WITH a ORDER BY a.id LIMIT 2 WITH collect(a) AS two "
            "WITH two[0] AS one, two[1] AS other MATCH (one)<-[:IDENTIFIES]-(i:Identifier {kind: 'customer'}) "
            "MATCH (other)<-[:IDENTIFIES]-(j:Identifier {kind: 'customer'}) "
            "CREATE (i)-[l:LINKED_TO]->(j) SET l.id = 'lnk_x', l.x = 1",
        ),
        ("MATCH (:Identifier)-[l:LINKED_TO {x: 1}]->(:Identifier) DELETE l",),
        "customers",
        "accepted links lead to another customer, or to nobody",
        "Restore a backup",
    ),
    Damage(
        "a change that is missing",
        ("MATCH (c:Change {place: '0000000000000040'}) DELETE c",),
        ("CREATE (:Change {place: '0000000000000040', kind: 'CUSTOMER_UPDATED', at: 0})",),
        "log",
        "changes are missing between 1 and ",
        "read anew",
    ),
    Damage(
        "a change behind the end",
        ("CREATE (:Change {place: '0000000099999999', kind: 'NOTE_ADDED', at: 0})",),
        ("MATCH (c:Change {place: '0000000099999999'}) DELETE c",),
        "log",
        "there are changes behind the end",
        "Restore a backup",
    ),
    Damage(
        "a change before the beginning",
        ("CREATE (:Change {place: '0000000000000000', kind: 'NOTE_ADDED', at: 0})",),
        ("MATCH (c:Change {place: '0000000000000000'}) DELETE c",),
        "log",
        "there are changes before the beginning, which is 1",
        "Restore a backup",
    ),
    Damage(
        "a touchpoint that hangs on nothing",
        (
            "MATCH (i:Identifier)-[r:MADE]->(t:Touchpoint) WITH i, r, t ORDER BY t.id LIMIT 1 "
            "SET i.x = 1, t.x = 1 DELETE r",
        ),
        (f"{MARKED} MATCH (t:Touchpoint {{x: 1}}) CREATE (i)-[:MADE]->(t) REMOVE i.x REMOVE t.x",),
        "orphans",
        "touchpoints hang on nothing",
        "Restore a backup",
    ),
    Damage(
        "an order that names another",
        (
            "MATCH (o:Order) WITH o ORDER BY o.id LIMIT 1 SET o.x = o.identifierKey",
            "MATCH (o:Order) WHERE o.x IS NOT NULL SET o.identifierKey = 'cookie:x'",
        ),
        ("MATCH (o:Order) WHERE o.x IS NOT NULL SET o.identifierKey = o.x REMOVE o.x",),
        "orphans",
        "orders hang on another than they name",
        "Restore a backup",
    ),
    Damage(
        "a note that hangs twice",
        (
            "MATCH (n:Note) MATCH (i:Identifier {kind: 'cookie'}) WITH n, i LIMIT 1 "
            "CREATE (i)-[r:HAS_NOTE]->(n) SET r.x = 1",
        ),
        ("MATCH (:Identifier)-[r:HAS_NOTE {x: 1}]->(:Note) DELETE r",),
        "orphans",
        "notes hang on several",
        "Restore a backup",
    ),
    Damage(
        "a chore that nobody does",
        ("CREATE (:Chore {key: 'sharing:customer:cus_x'})",),
        ("MATCH (h:Chore) DELETE h",),
        "chores",
        "something about who is who is left to be looked into, and nobody does it",
        "within a minute",
    ),
    Damage(
        "a webhook that fails",
        ("MATCH (w:Webhook) SET w.state = 'FAILING'",),
        ("MATCH (w:Webhook) SET w.state = 'ACTIVE'",),
        "webhooks",
        "webhooks are FAILING: nothing is delivered",
        "lastError",
    ),
    Damage(
        "a webhook without a secret",
        ("MATCH (w:Webhook) SET w.x = w.secret SET w.secret = ''",),
        ("MATCH (w:Webhook) SET w.secret = w.x REMOVE w.x",),
        "webhooks",
        "webhooks have no secret to sign with",
        "register it again",
    ),
    Damage(
        "a webhook behind the end",
        ("MATCH (w:Webhook) SET w.x = w.at SET w.at = 99999999",),
        ("MATCH (w:Webhook) SET w.at = w.x REMOVE w.x",),
        "webhooks",
        "webhooks stand behind the end of the log",
        "redeliverAfter",
    ),
    Damage(
        "a clock that is ahead",
        ("MATCH (k:Counter {name: 'changes'}) SET k.x = k.clock SET k.clock = k.clock + 4102444800000",),
        ("MATCH (k:Counter {name: 'changes'}) SET k.clock = k.x REMOVE k.x",),
        "clocks",
        "the graph's clock is ",
        "NTP",
    ),
    Damage(
        "a migration that is not applied",
        ("MATCH (m:Migration {number: 6}) SET m.number = 906",),
        ("MATCH (m:Migration {number: 906}) SET m.number = 6",),
        "migrations",
        "006_changes.cypher is not applied",
        "customer-graph migrate",
        count=2,
    ),
    Damage(
        "a migration that was edited",
        ("MATCH (m:Migration {number: 6}) SET m.x = m.checksum SET m.checksum = 'another'",),
        ("MATCH (m:Migration {number: 6}) SET m.checksum = m.x REMOVE m.x",),
        "migrations",
        "006_changes.cypher was applied and has been edited since",
        "Install the release again",
    ),
]
