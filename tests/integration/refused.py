"""Questions that are refused, with $IN for a range and $ORDER for a conversion, and how the refusal begins."""

from __future__ import annotations

REFUSED = [
    ("funnel(input: {steps: [], $IN}) { steps { count } }", "input.steps: at least one step is needed"),
    ("funnel(input: {steps: [{}], $IN}) { steps { count } }", "input.steps.0: it has no condition"),
    (
        'funnel(input: {steps: [{order: true, type: "view"}], $IN}) { steps { count } }',
        "input.steps.0.type: an order has none",
    ),
    (
        'funnel(input: {steps: [{type: "veiw"}], $IN}) { steps { count } }',
        "input.steps.0.type: no touchpoint has the type 'veiw'; did you mean 'view'?",
    ),
    (
        'funnel(input: {steps: [{type: "view"}], exclude: [{dealStage: "Wun"}], $IN}) { steps { count } }',
        "input.exclude.0.dealStage: no pipeline has the stage 'Wun'; did you mean 'Won'?",
    ),
    (
        'funnel(input: {steps: [{dealStage: "Won"}], per: SESSION, $IN}) { steps { count } }',
        "input.steps.0.dealStage: a deal is in no session",
    ),
    (
        'funnel(input: {steps: [{type: "view"}], window: "P36525D", $IN}) { steps { count } }',
        "input.window: at most 3653 days",
    ),
    (
        'funnel(input: {steps: [{type: "view"}], per: SESSION, sessionTimeout: "PT0S", $IN}) { steps { count } }',
        "input.sessionTimeout: must be longer",
    ),
    (
        'funnel(input: {steps: [{type: "view"}], from: "2024-02-01T00:00:00Z", to: "2024-01-01T00:00:00Z"}) {'
        " steps { count } }",
        "input.to: must be after from",
    ),
    ("attribution(input: {$IN, model: MARKOV, order: 4, $ORDER}) { value }", "input.order: from 1 to 3"),
    (
        "attribution(input: {$IN, model: LINEAR, conversion: {order: false}}) { value }",
        "input.conversion: say which",
    ),
    (
        'attribution(input: {$IN, model: LINEAR, conversion: {touchpointType: "vew"}}) { value }',
        "input.conversion.touchpointType: no touchpoint has the type 'vew'",
    ),
    (
        'attribution(input: {$IN, model: LINEAR, $ORDER, currency: "EURO"}) { value }',
        "input.currency: 'EURO'",
    ),
    (
        'attribution(input: {$IN, model: LINEAR, $ORDER, lookback: "P40000D"}) { value }',
        "input.lookback: at most 3653 days",
    ),
    (
        'attribution(input: {$IN, model: TIME_DECAY, $ORDER, halfLife: "PT0S"}) { value }',
        "input.halfLife: must be longer",
    ),
    (
        "attribution(input: {$IN, model: LINEAR, $ORDER}) { topPaths(first: 101) { converted } }",
        "first: from 1 to 100",
    ),
    ("journeyFlow(input: {$IN, maxSteps: 0}) { journeys }", "input.maxSteps: from 1 to 100"),
    ("journeyFlow(input: {$IN, maxSteps: 1000}) { journeys }", "input.maxSteps: from 1 to 100"),
    ("journeyFlow(input: {$IN, topNodes: 0}) { journeys }", "input.topNodes: from 1 to 100"),
    (
        'journeyFlow(input: {$IN, startAt: "vieww"}) { journeys }',
        "input.startAt: no touchpoint has the type 'vieww'",
    ),
    ('journeyFlow(input: {$IN, startAt: "a", endAt: "a"}) { journeys }', "input.endAt: must be another"),
    (
        'timeToConvert(input: {$IN, start: {type: "view"}, end: {}}) { customers }',
        "input.end: it has no condition",
    ),
    (
        'retention(input: {$IN, timeZone: "Mars/Base"}) { cohorts { size } }',
        "input.timeZone: no time zone is called",
    ),
    ("retention(input: {$IN, periods: 0}) { cohorts { size } }", "input.periods: from 1 to 366"),
    (
        'lifecycle(input: {from: "1900-01-01T00:00:00Z", to: "2100-01-01T00:00:00Z", period: DAY}) { new }',
        "input.period: 73,049 periods; at most 1,000",
    ),
    ("customersOnPath(input: {$IN, steps: []}) { nodes { id } }", "input.steps: at least one step is needed"),
    (
        'customersOnPath(input: {$IN, steps: [{type: "view"}]}, first: 0) { nodes { id } }',
        "first: from 1 to 100",
    ),
    (
        'customersOnPath(input: {$IN, steps: [{type: "view"}]}, after: "x") { nodes { id } }',
        "after: not a cursor of this list",
    ),
]
