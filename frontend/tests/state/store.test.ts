import { expect, test } from "vitest";
import { initialState, type State } from "../../src/state/state";
import { Store } from "../../src/state/store";

test("the views of a page rest while another is shown, and find then what has changed", () => {
  const frames: FrameRequestCallback[] = [];
  globalThis.requestAnimationFrame = (frame) => frames.push(frame);
  const store = new Store();
  store.flush();
  const drawn: string[] = [];
  store.onPage("compare").watch(({ filter }) => [filter], ({ filter }) => drawn.push(filter));
  const shown = (change: Partial<State>): string => {
    store.update(change);
    frames.pop()!(0);
    return drawn.splice(0).join();
  };

  expect(shown({ filter: "a" })).toBe("");
  expect(shown({ page: "compare" })).toBe("a");
  expect(shown({ page: "run", filter: "b" })).toBe("");
  expect(shown({ filter: "c" })).toBe("");
  expect(shown({ page: "compare" })).toBe("c");
  expect(shown({ page: "run" }) + shown({ page: "compare" })).toBe("");
});

test("a change during a reading is drawn and taken back; what arrives meanwhile stays", () => {
  const frames: FrameRequestCallback[] = [];
  globalThis.requestAnimationFrame = (frame) => frames.push(frame);
  const store = new Store();
  store.flush();
  const drawn: string[] = [];
  store.watch(({ theme }) => [theme], ({ theme }) => {
    drawn.push(theme);
    if (theme === "dark") store.update({ filter: "arrived" });
  });

  expect(store.during({ theme: "dark" }, () => drawn.join())).toBe("dark");

  expect(drawn).toEqual(["dark", "light"]);
  expect(store.state).toEqual({ ...initialState, filter: "arrived" });
  expect(() => store.during({ theme: "dark" }, () => { throw new Error("no"); })).toThrow("no");
  expect(store.state.theme).toBe("light");
});
