// Follows the log for ever and prints what comes, a line of JSON each; resumes behind the last change after each cut.

export const CHANGES = `subscription ($after: String) {
  changes(after: $after) { cursor kind customerId previousCustomerIds subject { id } }
}`;

export const { http, ws, after } = JSON.parse(process.argv[2]);

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// subscribe(after, receive) subscribes once; it is settled when the subscription ends.
export async function follow(subscribe) {
  let last = after;
  for (;;) {
    say({ after: last });
    try {
      await subscribe(last, ({ data, errors }) => {
        if (errors?.length) throw errors[0];
        last = data.changes.cursor;
        say(data.changes);
      });
      say({ end: "completed" });
    } catch (error) {
      say({ end: String(error?.message ?? error?.reason ?? JSON.stringify(error)) });
    }
    await pause(100);
  }
}
