import { effect } from "@preact/signals-core";
import { expect, test } from "vitest";
import { type Item, RequestBoard } from "../../src/state/request_board";

/** Requests that wait until they are answered by hand, in any order. */
class Server {
  readonly asked: string[][] = [];
  readonly #pending: { answer(values: ReadonlyMap<string, string>): void; fail(error: Error): void }[] = [];

  fetch = (names: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    this.asked.push([...names]);
    return new Promise((answer, fail) => this.#pending.push({ answer, fail }));
  };

  fetchOne = async (): Promise<string> => [...(await this.fetch([""])).values()][0]!;

  /** Answer the request of this number, counted from 0. */
  async answer(request: number, value: string, names = this.asked[request]!): Promise<void> {
    this.#pending[request]!.answer(new Map(names.map((name) => [name, value])));
    await settle();
  }

  async fail(request: number, sentence: string): Promise<void> {
    this.#pending[request]!.fail(new Error(sentence));
    await settle();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

function setUp() {
  const server = new Server();
  let failures: Record<string, string> = {};
  const board = new RequestBoard((all) => (failures = Object.fromEntries(all)));
  let shown: Record<string, string> = {};
  const each = (...revisions: readonly string[]): void => {
    const items = revisions.map((one): Item => ({ name: one[0]!, revision: one }));
    void board.wantEach(
      "overview",
      "",
      items,
      server.fetch,
      (found) => (shown = { ...shown, ...Object.fromEntries(found) }),
    );
  };
  const one = (subject: string, revision = "1"): void =>
    void board.want("detail", subject, revision, server.fetchOne, (answer) => (shown = { detail: answer }));
  return { server, board, each, one, shown: () => shown, failures: () => failures };
}

test("what is here or on its way is not asked for again", async () => {
  const { server, each, one, shown } = setUp();
  each("a1", "b1");
  each("a1", "b1");
  one("x");
  one("x");
  await server.answer(0, "first");
  each("b1", "a1");
  await server.answer(1, "detail");
  one("x");

  expect(server.asked).toEqual([["a", "b"], [""]]);
  expect(shown()).toEqual({ detail: "detail" });
});

test.each([[[0, 1]], [[1, 0]]])("answers that overlap add to each other, in the order %j", async (order) => {
  const { server, each, shown } = setUp();
  each("a1", "b1");
  each("a1", "b1", "c1");
  for (const request of order) await server.answer(request, `answer ${request}`);
  each("a1", "b1", "c1");

  expect(server.asked).toEqual([["a", "b"], ["c"]]);
  expect(shown()).toEqual({ a: "answer 0", b: "answer 0", c: "answer 1" });
});

test.each([[[0, 1]], [[1, 0]]])(
  "the later revision is shown, in whatever order its answer comes: %j",
  async (order) => {
    const { server, each, shown } = setUp();
    each("a1", "b1");
    each("a2", "b1");
    for (const request of order) await server.answer(request, `answer ${request}`);
    each("a2", "b1");

    expect(server.asked).toEqual([["a", "b"], ["a"]]);
    expect(shown()).toEqual({ a: "answer 1", b: "answer 0" });
  },
);

test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
  "of three revisions the last is shown: %j",
  async (order) => {
    const { server, each, shown } = setUp();
    for (const revision of ["a1", "a2", "a3"]) each(revision);
    for (const request of order) await server.answer(request, `answer ${request}`);

    expect(shown()).toEqual({ a: "answer 2" });
  },
);

test("an earlier revision is shown until the later one is here", async () => {
  const { server, one, shown } = setUp();
  one("x", "1");
  one("x", "2");
  await server.answer(0, "first");
  expect(shown()).toEqual({ detail: "first" });
  await server.answer(1, "second");
  expect(shown()).toEqual({ detail: "second" });
});

test.each([[[0, 1]], [[1, 0]]])("the answer about another subject is dropped: %j", async (order) => {
  const { server, one, shown } = setUp();
  one("x");
  one("y");
  for (const request of order) await server.answer(request, `answer ${request}`);

  expect(shown()).toEqual({ detail: "answer 1" });
});

test("a subject that is chosen again is asked for again", async () => {
  const { server, one, shown } = setUp();
  one("x");
  one("y");
  one("x");
  await server.answer(2, "x again");
  await server.answer(0, "x");
  await server.answer(1, "y");

  expect(shown()).toEqual({ detail: "x again" });
});

test.each([[["fail", "answer"]], [["answer", "fail"]]])(
  "a failure in between takes nothing away: %j",
  async (order) => {
    const { server, each, shown, failures } = setUp();
    each("a1", "b1");
    each("a1", "b1", "c1");
    for (const how of order) {
      if (how === "fail") await server.fail(0, "no answer");
      else await server.answer(1, "here");
    }

    expect([shown(), failures()]).toEqual([{ c: "here" }, { overview: "no answer" }]);
  },
);

test("what failed waits for a retry, and is asked for again by whoever still wants it", async () => {
  const { server, board, each, shown, failures } = setUp();
  const stop = effect(() => each("a1"));
  await server.fail(0, "no answer");
  each("a1");
  expect([server.asked.length, failures()]).toEqual([1, { overview: "no answer" }]);

  board.retry();
  expect([server.asked.length, failures()]).toEqual([2, { overview: "no answer" }]);
  await server.answer(1, "here");
  expect([shown(), failures()]).toEqual([{ a: "here" }, {}]);
  board.retry();
  expect(server.asked.length).toBe(2);
  stop();
});

test("an old request that fails late says nothing against the newer answer", async () => {
  const { server, each, shown, failures } = setUp();
  each("a1");
  each("a2");
  await server.answer(1, "here");
  await server.fail(0, "no answer");

  expect([shown(), failures()]).toEqual([{ a: "here" }, {}]);
});

test("failures of what nobody wants any more are forgotten", async () => {
  const { server, board, each, one, failures } = setUp();
  each("a1", "b1");
  one("x");
  await server.fail(0, "no answer");
  await server.fail(1, "no detail");
  each("c1");
  expect(failures()).toEqual({ detail: "no detail" });
  board.forgetFailures("detail");
  expect(failures()).toEqual({});
});

test("another subject has no failure yet", async () => {
  const { server, one, failures } = setUp();
  one("x");
  await server.fail(0, "no answer");
  one("y");
  await server.answer(1, "here");

  expect(failures()).toEqual({});
});

test("what came with another answer is not asked for, until it has gone on", async () => {
  const { server, board, each } = setUp();
  board.fill("overview", "", { name: "a", revision: "a1" });
  each("a1", "b1");
  each("a2", "b1");

  expect(server.asked).toEqual([["b"], ["a"]]);
});

test("an answer without what was asked for is one all the same", async () => {
  const { server, each, shown } = setUp();
  each("a1", "b1");
  await server.answer(0, "here", ["b", "z"]);
  each("a1", "b1");

  expect([server.asked.length, shown()]).toEqual([1, { b: "here" }]);
});

test("the state that an answer is merged into is that of its arrival", async () => {
  const server = new Server();
  const board = new RequestBoard(() => {});
  let state: readonly string[] = ["before"];
  void board.want("part", "", "1", server.fetchOne, (answer) => (state = [...state, answer]));
  state = [...state, "meanwhile"];
  await server.answer(0, "answer");

  expect(state).toEqual(["before", "meanwhile", "answer"]);
});
