/** What the metrics of the agent server tell of this moment. */
export interface Moment {
  /** Milliseconds that the event loop stood still at most since it was asked last. */
  readonly stallMs: number;
  readonly requestsInFlight: number;
}

/** The same of an agent with precision and an embedded store. */
export interface SoakMoment extends Moment {
  readonly heapMebibytes: number;
  readonly files: number;
  readonly timers: number;
  /** The share of its room that the store has taken, and how much it let go of before its time. */
  readonly fill: number;
  readonly shed: number;
  readonly executionPrecision: number;
  readonly adaptations: number;
}

type Value = (series: string) => number;

/** Milliseconds: a process that stands still answers late. */
const askLimit = 300_000;
const mebibyte = 2 ** 20;

/** The value of a series, by how it is written on the page without labels that all have. Throws Error for one that is not there. */
function valuesOn(page: string): { readonly value: Value; readonly has: (series: string) => boolean } {
  const series = new Map([...page.matchAll(/^([a-z_]+(?:\{[^}]*\})?) (\S+)$/gm)].map(([, name = '', value = '']) => [name, Number(value)]));
  return {
    has: (name) => series.has(name),
    value: (name) => {
      const found = series.get(name);
      if (found === undefined || Number.isNaN(found)) throw new Error(`the metrics have no ${name}: ${page.slice(0, 200)}`);
      return found;
    },
  };
}

/** Throws Error when the metrics do not tell. */
export function momentIn(page: string): Moment {
  const { value } = valuesOn(page);
  return { stallMs: value('nodejs_eventloop_lag_max_seconds') * 1_000, requestsInFlight: value('sluice_requests_in_flight') };
}

/** Throws Error when the metrics do not tell. */
export function soakMomentIn(page: string): SoakMoment {
  const { value, has } = valuesOn(page);
  const timers = 'nodejs_active_resources{type="Timeout"}';
  return {
    ...momentIn(page),
    heapMebibytes: value('nodejs_heap_size_used_bytes') / mebibyte,
    files: value('process_open_fds'),
    // There is no such series while there is no timer.
    timers: has(timers) ? value(timers) : 0,
    fill: value('sluice_store_fill_ratio'),
    shed: value('sluice_store_shed_total'),
    executionPrecision: value('lrs_precision_value{level="execution"}'),
    adaptations: value('lrs_adaptation_events_total'),
  };
}

async function pageOf(url: string): Promise<string> {
  return await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(askLimit) })).text();
}

export async function momentOf(url: string): Promise<Moment> {
  return momentIn(await pageOf(url));
}

export async function soakMomentOf(url: string): Promise<SoakMoment> {
  return soakMomentIn(await pageOf(url));
}
