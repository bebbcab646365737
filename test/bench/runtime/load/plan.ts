/** What one process of load does. All of it is bounded in time or count. */
export type LoadPlan = RatePlan | ClosedPlan | StreamsPlan;

interface Target {
  readonly url: string;
  /** Of a POST, JSON. */
  readonly body: string;
}

/** Sends at a fixed rate, whatever is answered. */
export interface RatePlan extends Target {
  readonly kind: 'rate';
  /** Requests a second. */
  readonly rate: number;
  /** Not counted. */
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Until when a request is timed: its whole answer, or the first text of a stream. */
  readonly until: 'end' | 'first text';
}

/** Sends the next request of a connection when the last one was answered. */
export interface ClosedPlan extends Target {
  readonly kind: 'closed';
  readonly connections: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

/** Opens streams, tells when each has brought text, and holds them until its standard input ends. */
export interface StreamsPlan extends Target {
  readonly kind: 'streams';
  readonly streams: number;
  /** Opened a second. */
  readonly rate: number;
  /** Seconds in which all must have brought text; what has not by then is not open. Default 900. */
  readonly withinSeconds?: number;
  /** So many of them read the stream of another, by its key: for servers that keep one for its readers. Default 0. */
  readonly sharing?: number;
}

/** Times in milliseconds. */
export interface LoadResult {
  readonly answered: number;
  /** Of another status, cut, or not sent because too many others were not answered. */
  readonly failed: number;
  readonly p50: number;
  readonly p99: number;
  /** From the end of the warm-up to the last answer. */
  readonly seconds: number;
  /** How late requests were sent at most, for one of a hundred: a client that is late itself measures nothing. */
  readonly lagP99: number;
}
