/** One entry of a chart's legend. */
export interface LegendItem {
  readonly label: string;
  readonly color: string;
  readonly dashed?: boolean;
  /** A ramp of colours in place of a line. */
  readonly ramp?: readonly string[];
  readonly value: string;
  /** Explains the label. */
  readonly help?: string;
}
