import type { GatesSpec, Objective, ReleaseStatus } from '@sluice/crds';

/** What the objectives of one window (one step of a release) are judged on; persisted in the Release's status. */
export type Evidence = NonNullable<ReleaseStatus['evidence']>;

/** One ready pod whose metrics page can be read. */
export interface PodTarget {
  readonly uid: string;
  /** Name and namespace, by which a metrics server knows the pod. Default: it is known by none. */
  readonly name?: string;
  readonly namespace?: string;
  readonly ip: string;
  readonly port: number;
  /** When the pod started, milliseconds since the epoch. */
  readonly startedAt: number;
  /** `Leaving`: on its way out. It is read as long as it answers, but nothing is missing when it does not. Default `Serving`. */
  readonly state?: 'Serving' | 'Leaving';
}

export interface EvidenceRequest {
  /** Names the window for as long as this process lives, for example `<release uid>/<step>`. */
  readonly windowId: string;
  /** When the window began, milliseconds since the epoch. */
  readonly since: number;
  /** The totals as last persisted; those of another `since` are ignored. */
  readonly previous?: Evidence | undefined;
  readonly stable: readonly PodTarget[];
  readonly canary: readonly PodTarget[];
  /** What to count besides requests and latency, each under its name in Sample.counts; costs in Sample.costBuckets. Default none. */
  readonly objectives?: readonly Objective[];
  /** Default `Pods`. */
  readonly source?: GatesSpec['source'];
}

/** What could not be counted, in words for people; `objective` is not set when nothing could. */
export type EvidenceProblem = NonNullable<Evidence['problems']>[number];

/** Where the counts of both revisions come from. */
export interface EvidenceSource {
  /**
   * Reads the pods and returns the new totals, which never lie below `previous`. One call at a time for a window.
   * A pod that cannot be read is a missed scrape, not an error. Rejects only when `signal` aborts, with its reason,
   * or with an {@link EvidenceError} for a call that breaks these rules.
   */
  collect(request: EvidenceRequest, call: { readonly signal: AbortSignal }): Promise<Evidence>;
  /** Since when this process counts in a window, milliseconds since the epoch: what came between the totals it was given and then is lost. Undefined before its first look. */
  countsFrom?(windowId: string): number | undefined;
  /** Gives up what is kept in memory for a window that has ended. */
  forget(windowId: string): void;
}

export class EvidenceError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'EvidenceError';
  }
}
