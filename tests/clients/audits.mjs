// The audits of npm graphql-http, against a service; prints a line of JSON for each.
import { serverAudits } from "graphql-http";

const [url] = process.argv.slice(2);

for (const audit of serverAudits({ url })) {
  const { name, status, reason } = await audit.fn();
  process.stdout.write(`${JSON.stringify({ name, status, reason })}\n`);
}
