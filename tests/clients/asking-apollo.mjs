// Apollo Client, whose cache knows customers by their type and id.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client/core";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { codes, DOCUMENTS, exercise, fetching, headers, url } from "./asking.mjs";

const link = new HttpLink({ uri: url, fetch: fetching, headers, useGETForQueries: true });
const client = new ApolloClient({ link, cache: new InMemoryCache() });

await exercise(
  async (name, variables) => {
    const document = gql(DOCUMENTS[name]);
    try {
      const isMutation = DOCUMENTS[name].startsWith("mutation");
      const { data } = isMutation
        ? await client.mutate({ mutation: document, variables })
        : await client.query({ query: document, variables });
      return { data, codes: [] };
    } catch (error) {
      if (!CombinedGraphQLErrors.is(error)) throw error;
      return { data: null, codes: codes(error.errors) };
    }
  },
  (id) => client.cache.extract()[`Customer:${id}`].displayName,
);
