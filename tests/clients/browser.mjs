// Chromium: the page with GraphiQL, and what pages of other origins get. Prints one JSON object.
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const { executable, service, port, mutation, after } = JSON.parse(process.argv[2]);
const endpoint = `${service}/graphql`;
const browser = await chromium.launch({
  executablePath: executable,
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP rebound.example 127.0.0.1",
  ],
});

// A page of whatever origin it is asked by.
const pages = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html>"));
await new Promise((resolve) => pages.listen(port, "127.0.0.1", resolve));

async function opened() {
  const page = await browser.newPage();
  const told = [];
  page.on("console", (message) => message.type() === "error" && told.push(message.text()));
  page.on("pageerror", (error) => told.push(error.message));
  page.setDefaultTimeout(60_000);
  await page.addInitScript(() => {
    globalThis.violations = [];
    addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective));
  });
  return { page, told };
}

async function shown(page, text) {
  await page.locator(".result-window").getByText(text).first().waitFor();
}

async function graphiql() {
  const { page, told } = await opened();
  const keys = [];
  page.on("request", (request) => request.method() === "POST" && keys.push(request.headers()["x-request-id"]));
  await page.goto(`${service}/`);
  const editor = page.locator(".graphiql-query-editor .CodeMirror");
  await editor.waitFor();
  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByRole("link", { name: "Customer", exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Open settings dialog" }).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Headers" }).click();
  await page.locator('[aria-label="Headers"] .graphiql-editor:not(.hidden) .CodeMirror').click();
  await page.keyboard.type('{"x-request-id": "typed"');
  const run = page.getByRole("button", { name: /Execute query/ });
  const write = async (document) => {
    await editor.evaluate(({ CodeMirror }, text) => CodeMirror.setValue(text), document);
    // GraphiQL reads what is there a moment later.
    const isRead = (text) =>
      globalThis.document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.documentAST?.loc?.source?.body === text;
    await page.waitForFunction(isRead, document);
  };
  await write("{ pipelines { name } }");
  await run.click();
  await shown(page, "pipelines");
  await write(`subscription { changes(after: "${after}") { kind } }`);
  await run.click();
  await shown(page, "kind");
  const violations = await page.evaluate(() => globalThis.violations);
  return { told, violations, sent: keys.at(-1) };
}

// In the page, by all that it may use.
async function attempts({ endpoint, mutation }) {
  const attempt = (ask) => ask().catch((error) => error.name);
  const query = JSON.stringify({ query: "{ __typename }" });
  const headers = { "content-type": "application/json", "x-request-id": "a" };
  const address = `${endpoint}?query=%7B__typename%7D`;
  const read = await attempt(async () => (await (await fetch(endpoint, { method: "POST", headers, body: query })).json()).data);
  const readByGet = await attempt(async () => (await (await fetch(address)).json()).data);
  const blind = await attempt(async () => (await fetch(address, { mode: "no-cors" })).type);
  const text = { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body: mutation };
  const blindMutation = await attempt(async () => (await fetch(endpoint, text)).type);
  const image = await new Promise((resolve) => {
    const one = document.createElement("img");
    one.onload = one.onerror = ({ type }) => resolve(type);
    one.src = address;
  });
  const socket = await new Promise((resolve) => {
    const one = new WebSocket(endpoint.replace("http:", "ws:"), "graphql-transport-ws");
    one.onopen = one.onerror = ({ type }) => (one.close(), resolve(type));
  });
  const stream = await new Promise((resolve) => {
    const one = new EventSource(address);
    const end = ({ type }) => (one.close(), resolve(type));
    one.addEventListener("next", end);
    one.onerror = end;
  });
  return { read, readByGet, blind, blindMutation, image, socket, stream };
}

async function from(origin) {
  const { page } = await opened();
  await page.goto(origin);
  return page.evaluate(attempts, { endpoint, mutation });
}

async function rebound() {
  const { page } = await opened();
  const address = new URL(service);
  address.hostname = "rebound.example";
  return (await page.goto(address.href)).status();
}

try {
  const results = {
    graphiql: await graphiql(),
    known: await from(`http://app.localhost:${port}/`),
    otherSite: await from(`http://evil.localhost:${port}/`),
    otherPort: await from(`http://127.0.0.1:${port}/`),
    rebound: await rebound(),
  };
  process.stdout.write(JSON.stringify(results));
} finally {
  await browser.close();
  pages.close();
}
