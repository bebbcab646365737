/** What one contender process is to do. The Go side reads the same fields (client-go/protocol.go). */
export interface Spec {
  readonly kubeconfig: string;
  readonly variant: string;
  readonly namespace: string;
  readonly resource: 'pods' | 'configmaps';
  readonly objects: number;
  /** Changes to wait for. */
  readonly events: number;
  /** First changes, or requests, that do not count. */
  readonly warmUp: number;
  readonly workers: number;
  readonly pageSize: number;
  readonly sequential: number;
  readonly concurrent: number;
  readonly concurrency: number;
  readonly watches: number;
  readonly seconds: number;
  /** Whether garbage is collected before memory is read. */
  readonly collect: boolean;
}

/** What processes are asked to do. */
export const SCENARIOS = ['follow', 'cache', 'list', 'requests', 'idle'] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** A process's results by name. */
export type Figures = Readonly<Record<string, number>>;

/** Annotations that carry a change's send time (CLOCK_MONOTONIC, nanoseconds) and whether it is its object's last. */
export const SENT_ANNOTATION = 'bench.sluice.dev/sent';
export const PHASE_ANNOTATION = 'bench.sluice.dev/phase';
export const LAST_PHASE = 'final';

export function objectName(number: number): string {
  return `assistant-${String(number).padStart(6, '0')}`;
}
