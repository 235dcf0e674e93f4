import { beforeEach, expect, test } from "vitest";
import { Frames } from "../../src/state/frames";
import { createState, derived, type State, update } from "../../src/state/state";

let frames: FrameRequestCallback[] = [];
const nextFrame = (): void => frames.splice(0).forEach((frame) => frame(0));

beforeEach(() => {
  frames = [];
  globalThis.requestAnimationFrame = (frame) => frames.push(frame);
});

function painted(read: (state: State) => unknown, page: State["page"] | null = null) {
  const state = createState();
  const all = new Frames(state);
  const drawn: unknown[] = [];
  all.paintOn(page)(() => drawn.push(read(state)));
  return { state, all, drawn };
}

test("nothing is painted before the first flush, and then once a frame", () => {
  const { state, all, drawn } = painted(({ filter }) => filter);
  update(state, { filter: "a" });
  expect([drawn, frames]).toEqual([[], []]);

  all.flush();
  update(state, { filter: "b" });
  update(state, { filter: "c" });
  expect([drawn, frames.length]).toEqual([["a"], 1]);
  nextFrame();
  expect(drawn).toEqual(["a", "c"]);
});

test("what a view does not read does not paint it", () => {
  const { state, all, drawn } = painted(({ filter }) => filter);
  all.flush();
  update(state, { hovered: 3, filter: "" });

  expect([drawn, frames]).toEqual([[""], []]);
});

test("a view of a derived value is painted when that is another, not when what it follows from is", () => {
  let computations = 0;
  const isLate = derived(({ hovered }) => {
    computations++;
    return (hovered ?? 0) > 10;
  });
  const { state, all, drawn } = painted(isLate);
  all.flush();
  update(state, { hovered: 5 });
  update(state, { hovered: 7 });
  expect([drawn, frames.length, computations]).toEqual([[false], 0, 3]);
  expect([isLate(state), computations]).toEqual([false, 3]);

  update(state, { hovered: 11 });
  nextFrame();
  expect(drawn).toEqual([false, true]);
});

test("the views of a page rest while another is shown, and find then what has changed", () => {
  const { state, all, drawn } = painted(({ filter }) => filter, "compare");
  all.flush();
  const shown = (change: Partial<State>): string => {
    update(state, change);
    nextFrame();
    return drawn.splice(0).join();
  };

  expect(shown({ filter: "a" })).toBe("");
  expect(shown({ page: "compare" })).toBe("a");
  expect(shown({ page: "run", filter: "b" })).toBe("");
  expect(shown({ filter: "c" })).toBe("");
  expect(shown({ page: "compare" })).toBe("c");
  expect(shown({ page: "run" }) + shown({ page: "compare" })).toBe("");
});

test("views are painted in the order in which they were made, whatever changed first", () => {
  const state = createState();
  const all = new Frames(state);
  const drawn: string[] = [];
  const paint = all.paintOn(null);
  paint(() => drawn.push(`theme ${state.theme}`));
  paint(() => drawn.push(`filter ${state.filter}`));
  all.flush();
  drawn.length = 0;
  update(state, { filter: "a" });
  update(state, { theme: "dark" });
  nextFrame();

  expect(drawn).toEqual(["theme dark", "filter a"]);
});

test("a change during a reading is drawn and taken back; what arrives meanwhile stays", () => {
  const { state, all, drawn } = painted(({ theme }) => theme);
  all.flush();
  drawn.length = 0;
  const seen = all.during({ theme: "dark" }, () => {
    update(state, { filter: "arrived" });
    return drawn.join();
  });

  expect([seen, drawn, state.theme, state.filter]).toEqual(["dark", ["dark", "light"], "light", "arrived"]);
  expect(() =>
    all.during({ theme: "dark" }, () => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(state.theme).toBe("light");
});
