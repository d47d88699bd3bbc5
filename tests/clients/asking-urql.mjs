// urql, queries by GET however long.
import { cacheExchange, Client, fetchExchange } from "@urql/core";
import { codes, DOCUMENTS, exercise, fetching, headers, url } from "./asking.mjs";

const client = new Client({
  url,
  exchanges: [cacheExchange, fetchExchange],
  fetch: fetching,
  fetchOptions: { headers },
  preferGetMethod: "force",
});

await exercise(async (name, variables) => {
  const document = DOCUMENTS[name];
  const operation = document.startsWith("mutation") ? client.mutation(document, variables) : client.query(document, variables);
  const { data, error } = await operation.toPromise();
  if (error?.networkError) throw error.networkError;
  return { data, codes: codes(error?.graphQLErrors) };
});
