// Relay's compiler reads these; each is a module that the program imports.
import { graphql } from "relay-runtime";

graphql`
  mutation documentsRecordMutation($input: RecordTouchpointInput!) {
    recordTouchpoint(input: $input) { duplicate customer { id } userErrors { code field } }
  }
`;

graphql`
  query documentsCustomerQuery($by: CustomerBy!) {
    customer(by: $by) { id displayName identifiers { kind value } }
  }
`;

graphql`
  query documentsTouchpointsQuery($by: CustomerBy!, $first: Int!, $after: String) {
    customer(by: $by) {
      id
      touchpoints(first: $first, after: $after) @connection(key: "documents_touchpoints") {
        edges { cursor node { id occurredAt } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;

graphql`
  mutation documentsUpdateMutation($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) { customer { id displayName } userErrors { code field } }
  }
`;
