// npm graphql-ws, with the ws package.
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { CHANGES, follow, ws } from "./following.mjs";

const client = createClient({ url: ws, webSocketImpl: WebSocket, retryAttempts: 0 });

await follow(async (after, receive) => {
  for await (const result of client.iterate({ query: CHANGES, variables: { after } })) receive(result);
});
