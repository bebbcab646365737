/** What the metrics of the agent server tell of this moment. */
export interface Moment {
  /** Milliseconds that the event loop stood still at most since it was asked last. */
  readonly stallMs: number;
  readonly requestsInFlight: number;
}

const askLimit = 300_000;

function valueOf(metrics: string, name: string): number {
  const text = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(metrics)?.[1];
  if (text === undefined || Number.isNaN(Number(text))) throw new Error(`the metrics have no ${name}: ${metrics.slice(0, 200)}`);
  return Number(text);
}

/** Throws Error when the metrics do not tell. */
export function momentIn(metrics: string): Moment {
  return { stallMs: valueOf(metrics, 'nodejs_eventloop_lag_max_seconds') * 1_000, requestsInFlight: valueOf(metrics, 'sluice_requests_in_flight') };
}

export async function momentOf(url: string): Promise<Moment> {
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(askLimit) });
  return momentIn(await answer.text());
}
