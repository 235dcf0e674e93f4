// @vitest-environment happy-dom
// In JavaScript: it serves with Node, whose types the page must not see.
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { binary, toUrl } from "../../src/server/request";

let server = null;

async function serve(answer) {
  server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Requests are relative to the page.
  window.location.href = `http://127.0.0.1:${server.address().port}/`;
}

afterEach(() => server?.close());

test("parameters are repeated, left out and escaped", () => {
  expect(toUrl("histograms", { run: ["a b", "c&d"], after: null, row: 0 })).toBe(
    "./histograms?run=a+b&run=c%26d&row=0",
  );
  expect(toUrl("runs", {})).toBe("./runs");
});

test("a body arrives as it was sent", async () => {
  await serve(({ url }, response) => response.end(url === "/opening?stream=a+b" ? Buffer.from([0, 255, 10]) : ""));

  expect([...new Uint8Array(await binary("opening", { stream: "a b" }))]).toEqual([0, 255, 10]);
});

test("the server's own sentence is passed on, with the route that failed", async () => {
  await serve((_, response) => response.writeHead(404).end("Not found: no such run"));

  await expect(binary("runs", {})).rejects.toThrow("Not found: no such run (404 from runs)");
});

test("a server that cannot be reached is said to be so", async () => {
  await serve((_, response) => response.end());
  await new Promise((resolve) => server.close(resolve));

  await expect(binary("runs", {})).rejects.toThrow("TensorBoard cannot be reached");
});
