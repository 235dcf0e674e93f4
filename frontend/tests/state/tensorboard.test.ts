import { expect, test } from "vitest";
import { answer } from "../../src/state/tensorboard";

function listen() {
  const heard: unknown[] = [];
  return {
    heard,
    listener: {
      onDirectories: (runs: readonly string[]) => heard.push(runs),
      onReload: () => heard.push("reload"),
    },
  };
}

test("a reload is passed on and answered with its own id", () => {
  const { heard, listener } = listen();
  const reply = answer({ type: "experimental.DataReloaded", id: 4, isReply: false }, listener);

  expect(heard).toEqual(["reload"]);
  expect(reply).toEqual({
    type: "experimental.DataReloaded",
    id: 4,
    payload: null,
    error: null,
    isReply: true,
  });
});

test("a list of runs counts, pushed or asked for, unless it is still empty", () => {
  const { heard, listener } = listen();
  answer({ type: "experimental.GetRuns", id: 0, payload: [], isReply: true }, listener);
  answer({ type: "experimental.GetRuns", id: 0, payload: ["a"], isReply: true }, listener);
  answer({ type: "experimental.RunsChanged", id: 1, payload: ["a", "b"], isReply: false }, listener);

  expect(heard).toEqual([["a"], ["a", "b"]]);
});

test("a reply is not replied to", () => {
  const { listener } = listen();

  expect(answer({ type: "experimental.GetRuns", id: 0, payload: [], isReply: true }, listener)).toBeNull();
});
