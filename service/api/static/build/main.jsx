import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import "graphiql/graphiql.css";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import "./page.css";

const DEFAULT_QUERY = `# One graph, one API, three users.
#
# Frontends query profiles:
#   customer, customers, searchCustomers
# Journey analysts run traversals:
#   journeyFlow, funnel, customersOnPath
# CRMs subscribe to profile updates:
#   subscription { changes { kind } }
#
# Ctrl-Enter runs the query at the cursor.

query FirstCustomers {
  customers(first: 5) {
    nodes {
      id
      state
      displayName
      lastSeenAt
    }
  }
}
`;

// Relative to the page, so that it also works behind a path prefix.
const endpoint = new URL("graphql", document.baseURI);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

// What the headers editor holds goes with a query as HTTP headers and with a subscription as its connection parameters.
let headers = {};
const fetchOverHttpOrSocket = createGraphiQLFetcher({
  url: endpoint.href,
  headers: { accept: "application/graphql-response+json, application/json" },
  enableIncrementalDelivery: false,
  wsClient: createClient({ url: socket.href, connectionParams: () => headers }),
});
const fetcher = (parameters, options) => {
  headers = options?.headers ?? {};
  return fetchOverHttpOrSocket(parameters, options);
};

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL fetcher={fetcher} defaultQuery={DEFAULT_QUERY}>
    <GraphiQL.Logo>Customer graph</GraphiQL.Logo>
  </GraphiQL>,
);
