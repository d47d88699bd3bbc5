// npm graphql-sse in distinct connections mode, with Node's fetch.
import { createClient } from "graphql-sse";
import { CHANGES, follow, http } from "./following.mjs";

const client = createClient({ url: http, retryAttempts: 0 });

await follow(async (after, receive) => {
  for await (const result of client.iterate({ query: CHANGES, variables: { after } })) receive(result);
});
