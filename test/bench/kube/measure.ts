import type { Figures, Scenario, Spec } from './spec.ts';

/** Part that a row plays in the comparison: our default, what it is held against, or a further variant for the reader. */
export type Role = 'own' | 'client-go' | 'client-node' | 'further';

/** One row: a program and how it is used. */
export interface Row {
  readonly name: string;
  readonly program: 'sluice' | 'client-node' | 'dot-i' | 'client-go';
  readonly variant: string;
  readonly role: Role;
}

export interface Column {
  readonly name: string;
  /** Undefined when this row has no such figure. */
  readonly of: (result: RunResult) => number | undefined;
  readonly digits: number;
  /** Judged columns are compared with client-go and client-node. */
  readonly judged?: 'lower is better' | 'higher is better';
}

/** What one process gave. */
export interface RunResult {
  readonly figures: Figures;
  /** Milliseconds from the start of the process to each stage. */
  readonly marks: Readonly<Record<string, number>>;
  /** What the canned server counted, or the writer; empty where there was none. */
  readonly counts: Figures;
}

export interface Measure {
  readonly id: string;
  readonly title: string;
  /** What the figures mean, for the reader of the table. */
  readonly meaning: string;
  readonly backend: Backend;
  readonly scenario: Scenario;
  readonly rows: readonly Row[];
  readonly columns: readonly Column[];
  readonly spec: Omit<Spec, 'kubeconfig' | 'variant'>;
  /** Side by side is for processes that do next to nothing. */
  readonly order: 'one after the other' | 'side by side';
  readonly timeoutMs: number;
}

export type Backend =
  /** A server of its own for every process; rate 0 sends as fast as the client reads. */
  | { readonly kind: 'canned'; readonly ratePerSecond: number; readonly bookmarkMillis: number }
  /** The real API server; with a rate, a writer changes the objects once the process is synced. */
  | { readonly kind: 'api'; readonly writeRatePerSecond?: number };
