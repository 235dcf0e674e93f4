// Histograms of made-up outputs, the same in every run of the tests.

import type { Histograms } from "../../src/model/types";

export interface Outputs {
  readonly steps: readonly number[];
  /** Mean and standard deviation of the values at a step. */
  readonly at: (step: number) => readonly [mean: number, std: number];
  readonly count?: number;
  readonly bins?: number;
  readonly low?: number;
  readonly high?: number;
  /** Values at a step that are not finite. */
  readonly nonFinite?: (step: number) => number;
}

export const QUANTILES = [0.05, 0.5, 0.95];
/** How many standard deviations they are from the mean. */
const NORMAL = [-1.645, 0, 1.645];

/** Normally distributed values in one channel. */
export function histogramsOf({
  steps,
  at,
  count = 256,
  bins = 64,
  low = 0,
  high = 1,
  nonFinite = () => 0,
}: Outputs): Histograms {
  const cellsPerChannel = bins + 5;
  const cells = new Uint32Array(steps.length * cellsPerChannel);
  const moments = steps.map(at);
  steps.forEach((step, index) => {
    const [mean, std] = moments[index]!;
    const row = cells.subarray(index * cellsPerChannel, (index + 1) * cellsPerChannel);
    const width = (high - low) / bins;
    for (let value = 0; value < count; value++) {
      const bin = Math.floor((mean + std * normal((value + 0.5) / count) - low) / width);
      row[Math.max(0, Math.min(bins + 1, bin + 1))]!++;
    }
    row[bins + 2] = nonFinite(step);
  });
  return {
    low,
    high,
    bins,
    channelCount: 1,
    steps,
    lastSteps: steps,
    wallTimes: steps.map((step) => 1.8e9 + 40 * step),
    quantiles: QUANTILES,
    cells,
    cellsPerChannel,
    mean: Float32Array.from(moments, ([mean]) => mean),
    std: Float32Array.from(moments, ([, std]) => std),
    quantileSource: "binned",
    recorded: null,
    quantileValues: Float32Array.from(moments.flatMap(([mean, std]) => NORMAL.map((far) => mean + far * std))),
  };
}

/** About the quantile of a standard normal distribution. */
function normal(share: number): number {
  return (share ** 0.135 - (1 - share) ** 0.135) / 0.1975;
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
