// What each client asks over HTTP; prints what it got as one JSON object. All must have got the same.

export const { url, unique, headers, refused } = JSON.parse(process.argv[2]);

export const DOCUMENTS = {
  record: `mutation Record($input: RecordTouchpointInput!) {
    recordTouchpoint(input: $input) { duplicate customer { id } userErrors { code field } } }`,
  customer: "query Customer($by: CustomerBy!) { customer(by: $by) { id displayName identifiers { kind value } } }",
  touchpoints: `query Touchpoints($by: CustomerBy!, $first: Int!, $after: String) {
    customer(by: $by) { id touchpoints(first: $first, after: $after) {
      edges { cursor node { id occurredAt } } pageInfo { hasNextPage endCursor } } } }`,
  update: `mutation Update($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) { customer { id displayName } userErrors { code field } } }`,
  invalid: "query Invalid { nothing }",
};

const methods = new Set();

// Node's fetch, which remembers by which method was asked.
export async function fetching(address, options) {
  methods.add(options?.method ?? "GET");
  return fetch(address, options);
}

export const codes = (errors) => errors?.map(({ extensions }) => extensions?.code) ?? [];

const form = (number, ...more) => ({
  messageId: `${unique}-${number}`,
  type: "page_view",
  channel: "web",
  occurredAt: `2024-05-0${number}T00:00:00Z`,
  identifiers: [{ kind: "cookie", value: unique }, ...more],
});

// ask(name, variables) answers with data and the codes of errors; kept(id), if there is one, with the displayName in the
// client's store.
export async function exercise(ask, kept) {
  if (refused) {
    const answer = ask("record", { input: form(1) });
    const got = await answer.then(({ codes }) => codes, (error) => [`${error.name} ${error.statusCode ?? error.message}`]);
    process.stdout.write(JSON.stringify({ refused: got }));
    return;
  }
  const recorded = [];
  for (let number = 1; number <= 7; number++) {
    const { data } = await ask("record", { input: form(number) });
    recorded.push(data.recordTouchpoint.duplicate, ...data.recordTouchpoint.userErrors);
  }
  const shoe = await ask("record", { input: form(8, { kind: "shoe_size", value: "44" }) });
  const { customer } = (await ask("customer", { by: { cookie: unique } })).data;
  const pages = [];
  let after = null;
  do {
    const { data } = await ask("touchpoints", { by: { cookie: unique }, first: 3, after });
    const { edges, pageInfo } = data.customer.touchpoints;
    pages.push(edges.map(({ node }) => node.occurredAt));
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
  } while (after);
  const input = { customerId: customer.id, attributes: { name: `Ann ${unique}` } };
  const update = await ask("update", { input });
  const got = {
    recorded,
    refused: shoe.data.recordTouchpoint.userErrors.map(({ code, field }) => ({ code, field })),
    identifiers: customer.identifiers.map(({ kind, value }) => ({ kind, value })),
    pages,
    updated: update.data.updateCustomer.customer.displayName,
    kept: await kept?.(customer.id),
    wrong: (await ask("customer", { by: {} })).codes,
    invalid: (await ask("invalid", {})).codes,
    methods: [...methods].sort(),
  };
  process.stdout.write(JSON.stringify(got));
}
