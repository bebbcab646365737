/** One series of a metric, its labels settled: reporting to it makes nothing. */
export interface Series {
  increment(by: number): void;
  set(value: number): void;
  observe(value: number): void;
}

export type Labels = Readonly<Record<string, string>>;

/** Settles a metric's labels, for what is reported at every event. */
export type BindSeries = (name: string, labels: Labels) => Series;
