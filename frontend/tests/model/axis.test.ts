import { expect, test } from "vitest";
import { clampZoom, columnEdges, stepAxis, stepDomain } from "../../src/model/axis";

test("on the axis of time an epoch lies where it was written, and back", () => {
  const axis = stepAxis("relative", [0, 1, 3], [100, 110, 150]);

  expect([0, 1, 2, 3, 4].map(axis.toX)).toEqual([0, 10, 30, 50, expect.closeTo(50 + 50 / 3, 9)]);
  expect([0, 10, 30, 50].map(axis.toStep)).toEqual([0, 1, 2, 3]);
  expect(stepAxis("wall", [0, 1, 3], [100, 110, 150]).toX(1)).toBe(110);
});

test("one epoch has no time to lie along", () => {
  expect(stepAxis("relative", [7], [100]).kind).toBe("step");
});

test("an epoch that was written anew does not turn time around", () => {
  expect(stepAxis("wall", [0, 1, 2], [100, 90, 110]).toX(1)).toBe(100);
});

test.each([
  [
    [5, 9],
    [5, 9],
  ],
  [
    [9, 5],
    [5, 9],
  ],
  [
    [-4, 9],
    [-0.5, 9],
  ],
  [
    [5, 5.2],
    [4.6, 5.6],
  ],
  [[-3, 40], null],
])("dragging over %j of 20 epochs shows %j", (drag, shown) => {
  const zoom = clampZoom(drag as [number, number], [-0.5, 19.5]);
  expect(zoom && zoom.map((step) => Number(step.toFixed(6)))).toEqual(shown);
});

test("a column reaches half-way to its neighbours and never over a gap", () => {
  expect([0, 1, 2, 3].map((index) => columnEdges([0, 5, 10, 25], index, 5))).toEqual([
    [-2.5, 2.5],
    [2.5, 7.5],
    [7.5, 12.5],
    [22.5, 27.5],
  ]);
});

test("the epoch axis holds all steps and half an epoch of room", () => {
  expect(
    stepDomain([
      [0, 5, 10],
      [0, 1, 12],
    ]),
  ).toEqual([-0.5, 12.5]);
  expect(stepDomain([[7]])).toEqual([6.5, 7.5]);
  expect(stepDomain([])).toEqual([-0.5, 0.5]);
});
