import { expect, test } from "vitest";
import { initialState } from "../src/state";
import { Store } from "../src/store";

test("a change during a reading is drawn and taken back; what arrives meanwhile stays", () => {
  const frames: FrameRequestCallback[] = [];
  globalThis.requestAnimationFrame = (frame) => frames.push(frame);
  const store = new Store();
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
