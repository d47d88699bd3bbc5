// Apollo Client, whose WebSocket link subscribes again by itself and as it did at first: all since then comes anew.
// After an error it begins as a new process, as a page does that is loaded again.
import { ApolloClient, ApolloLink, InMemoryCache, gql } from "@apollo/client/core";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient } from "graphql-ws";
import { fork } from "node:child_process";
import WebSocket from "ws";
import { after, CHANGES, pause, say, ws } from "./following.mjs";

// Apollo's link looks at the global one when an operation fails, which Node has from its version 22 on.
globalThis.WebSocket ??= WebSocket;

function subscribe() {
  const socket = createClient({
    url: ws,
    webSocketImpl: WebSocket,
    retryAttempts: Infinity,
    shouldRetry: () => true,
    retryWait: () => pause(100),
    on: { connected: () => say({ after }) },
  });
  const client = new ApolloClient({ link: ApolloLink.from([new GraphQLWsLink(socket)]), cache: new InMemoryCache() });
  const end = (error) => {
    say({ end: String(error?.message ?? "completed") });
    process.exit();
  };
  client.subscribe({ query: gql(CHANGES), variables: { after }, fetchPolicy: "no-cache" }).subscribe({
    next: ({ data, error }) => (error ? end(error) : say(data.changes)),
    error: end,
    complete: end,
  });
}

if (process.send) {
  process.on("disconnect", () => process.exit());
  subscribe();
} else {
  for (;;) {
    await new Promise((resolve) => fork(process.argv[1], process.argv.slice(2)).once("exit", resolve));
    await pause(100);
  }
}
