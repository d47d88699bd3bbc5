// urql with its own reader of event streams: subscriptions by fetch, no other library.
import { Client, fetchExchange } from "@urql/core";
import { onEnd, pipe, subscribe } from "wonka";
import { CHANGES, follow, http } from "./following.mjs";

const client = new Client({
  url: http,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  preferGetMethod: false,
  requestPolicy: "network-only",
});

await follow(
  (after, receive) =>
    new Promise((resolve, reject) => {
      let broken = null;
      pipe(
        client.subscription(CHANGES, { after }),
        onEnd(() => (broken ? reject(broken) : resolve())),
        // Never unsubscribed from in here: urql then aborts its own reading, and nobody catches that.
        subscribe(({ data, error }) => {
          if (error) broken = error;
          else if (data) receive({ data });
        }),
      );
    }),
);
