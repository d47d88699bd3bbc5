// Relay's runtime with a network layer of one fetch, and operations that its compiler made by this service's schema. Its
// store knows every node by its id.
import relay from "relay-runtime";
import { codes, DOCUMENTS, exercise, fetching, headers, url } from "./asking.mjs";
import customer from "./relay/__generated__/documentsCustomerQuery.graphql.js";
import record from "./relay/__generated__/documentsRecordMutation.graphql.js";
import touchpoints from "./relay/__generated__/documentsTouchpointsQuery.graphql.js";
import update from "./relay/__generated__/documentsUpdateMutation.graphql.js";

const { commitMutation, ConnectionHandler, Environment, fetchQuery, Network, RecordSource, Store } = relay;

async function ask({ text }, variables) {
  const accept = "application/graphql-response+json, application/json;q=0.9";
  const response = await fetching(url, {
    method: "POST",
    headers: { ...headers, accept, "content-type": "application/json" },
    body: JSON.stringify({ query: text, variables }),
  });
  return response.json();
}

const source = new RecordSource();
const environment = new Environment({ network: Network.create(ask), store: new Store(source) });
const OPERATIONS = { customer, record, touchpoints, update };

const mutated = (mutation, variables) =>
  new Promise((onCompleted, onError) => {
    commitMutation(environment, { mutation, variables, onCompleted: (data) => onCompleted(data), onError });
  });

let seen = 0;

// The connection in the store has the pages before, too.
function newest({ customer, ...more }) {
  const { edges, pageInfo } = customer.touchpoints;
  const page = edges.slice(seen);
  seen = edges.length;
  return { ...more, customer: { ...customer, touchpoints: { edges: page, pageInfo } } };
}

await exercise(
  async (name, variables) => {
    // The compiler makes nothing of a document that is wrong.
    if (name === "invalid") return { codes: codes((await ask({ text: DOCUMENTS.invalid }, {})).errors) };
    const operation = OPERATIONS[name];
    const isMutation = operation.params.operationKind === "mutation";
    try {
      const made = isMutation ? mutated(operation, variables) : fetchQuery(environment, operation, variables).toPromise();
      const data = await made;
      return { data: name === "touchpoints" ? newest(data) : data, codes: [] };
    } catch (error) {
      if (!error.source) throw error;
      return { data: null, codes: codes(error.source.errors) };
    }
  },
  (id) => {
    // All pages are one connection there, each node once.
    const { edges } = source.get(ConnectionHandler.getConnectionID(id, "documents_touchpoints"));
    const nodes = new Set(edges.__refs.map((edge) => source.get(edge).node.__ref));
    if (edges.__refs.length !== 7 || nodes.size !== 7) throw new Error(`${nodes.size} nodes of ${edges.__refs.length} edges`);
    return source.get(id).displayName;
  },
);
