// @vitest-environment happy-dom
// In JavaScript: it serves with Node, whose types the page must not see.
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { fetchFindings } from "../../src/server/api";
import { binary, json, MAX_ADDRESS, splitByAddress, toUrl } from "../../src/server/request";

let server = null;

async function serve(answer) {
  server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Requests are relative to the page.
  window.location.href = `http://127.0.0.1:${server.address().port}/`;
}

const reply = (status, type, body) =>
  serve((_, response) => response.writeHead(status, { "Content-Type": type }).end(body));

afterEach(() => server?.close());

test("parameters are repeated, left out and escaped", () => {
  expect(toUrl("histograms", { run: ["a b", "c&d"], after: null, channel: 0 })).toBe(
    "./histograms?run=a+b&run=c%26d&channel=0",
  );
  expect(toUrl("runs", {})).toBe("./runs");
});

test("a body arrives as it was sent", async () => {
  await serve(({ url }, response) => {
    response.writeHead(200, { "Content-Type": "application/octet-stream" });
    response.end(url === "/opening?stream=a+b" ? Buffer.from([0, 255, 10]) : "");
  });

  expect([...new Uint8Array(await binary("opening", { stream: "a b" }))]).toEqual([0, 255, 10]);
});

test("JSON is read, whatever its character set", async () => {
  await reply(200, "application/json; charset=utf-8", '{"runs": ["ä"]}');

  expect(await json("runs", {})).toEqual({ runs: ["ä"] });
});

test("the server's own sentence is passed on, with the route that failed", async () => {
  await reply(404, "text/plain; charset=utf-8", "Not found: no such run");

  await expect(binary("runs", {})).rejects.toThrow("Not found: no such run (404 from runs)");
});

test("a login page is no answer, although its status says so", async () => {
  await reply(200, "text/html; charset=utf-8", "<!DOCTYPE html><title>Sign in</title>");
  const sentence = "Something before TensorBoard answered (text/html): sign in again, then reload the page";

  await expect(binary("opening", {})).rejects.toThrow(sentence);
  await expect(json("runs", {})).rejects.toThrow(sentence);
});

test("an error page of a proxy is named, not shown", async () => {
  await reply(502, "text/html", "<html><head><title>502 Bad Gateway</title></head></html>");

  await expect(binary("opening", {})).rejects.toThrow(/^502 Bad Gateway, from a proxy before TensorBoard$/);
});

test("a server that cannot be reached is said to be so", async () => {
  await serve((_, response) => response.end());
  await new Promise((resolve) => server.close(resolve));

  await expect(binary("runs", {})).rejects.toThrow("TensorBoard cannot be reached");
});

const long = Array.from({ length: 300 }, (_, run) => `sweep/2026-11-27_lr=0.001,beta=0.1,latent=32,batch=128/${run}`);

test("many long names are asked for in several addresses, and the answers are one", async () => {
  const addresses = [];
  await serve(({ url }, response) => {
    addresses.push(url);
    const runs = new URL(url, window.location.href).searchParams.getAll("run").map((name) => ({ name, findings: [] }));
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ version: 1, runs }));
  });
  const found = await fetchFindings(long);

  expect([...found.keys()].sort()).toEqual([...long].sort());
  expect(addresses.length).toBeGreaterThan(1);
  expect(Math.max(...addresses.map((address) => `${window.location.origin}${address}`.length))).toBeLessThanOrEqual(
    MAX_ADDRESS,
  );
});

test("all runs need no names", async () => {
  const addresses = [];
  await serve(({ url }, response) => {
    addresses.push(url);
    response.writeHead(200, { "Content-Type": "application/json" }).end('{"version": 1, "runs": []}');
  });
  await fetchFindings(null);

  expect(addresses).toEqual(["/findings"]);
});

test("a name that is longer than an address has one of its own", () => {
  const huge = "x".repeat(2 * MAX_ADDRESS);

  expect(splitByAddress("findings", {}, ["a", huge, "b", "c"])).toEqual([["a"], [huge], ["b", "c"]]);
  expect(splitByAddress("findings", {}, [])).toEqual([]);
});
