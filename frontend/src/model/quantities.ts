// The quantities that are counted: their names and words, in one place.

import type { Quantity } from "./types";

export interface QuantityWords {
  /** On a button, and what it explains. */
  readonly label: string;
  readonly help: string;
  /** Over a chart. */
  readonly title: string;
  /** A single counted value. */
  readonly noun: "image" | "pixel";
}

export const QUANTITIES: Readonly<Record<Quantity, QuantityWords>> = {
  mean_pixels: {
    label: "Mean pixels",
    help: "One value an image: the mean of its pixels",
    title: "Mean pixels of the outputs",
    noun: "image",
  },
  contrasts: {
    label: "Contrasts",
    help: "One value an image: the standard deviation of its pixels",
    title: "Contrasts of the outputs",
    noun: "image",
  },
  pixels: {
    label: "All pixels",
    help: "Every pixel of every image",
    title: "Pixels of the outputs",
    noun: "pixel",
  },
};
