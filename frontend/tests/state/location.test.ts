import { expect, test } from "vitest";
import { formatHash, parseHash } from "../../src/state/location";

test("a view survives the way into the address and back", () => {
  const view = { run: "a/b=c&d #1", step: "14" };

  expect(parseHash(formatHash("#mean_pixel", view))).toEqual(view);
});

test("what others keep in the address stays", () => {
  const hash = formatHash("#mean_pixel&p.other.x=1&p.mean_pixel.epoch=2&runSelectionState=abc", {
    step: "3",
  });

  expect(hash).toBe("#mean_pixel&p.other.x=1&runSelectionState=abc&p.mean_pixel.step=3");
});

test.each(["", "#", "#scalars", "#mean_pixel&p.mean_pixel.a=b=c", "#mean_pixel&p.mean_pixel.a=%zz"])(
  "%j holds no view",
  (hash) => {
    expect(parseHash(hash)).toEqual({});
  },
);
