// graphql-request, everything by POST.
import { ClientError, GraphQLClient } from "graphql-request";
import { codes, DOCUMENTS, exercise, fetching, headers, url } from "./asking.mjs";

const client = new GraphQLClient(url, { fetch: fetching, headers });

await exercise(async (name, variables) => {
  try {
    return { data: await client.request(DOCUMENTS[name], variables), codes: [] };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    return { data: null, codes: codes(error.response.errors) };
  }
});
