/**
 * Seconds up to which the runtime counts how many requests took no longer. Only there is a latency known: a bound in between is judged at the
 * upper one. An edge that is taken away, or moved, would part revisions of two images; more of them cost each pod a series each.
 */
export const latencyEdges: readonly number[] = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 15, 20, 30, 45, 60];

/** What is said of a bound beyond the last edge, which is `lastMs` milliseconds: the same words in lint, at apply, in a forecast and in a verdict. */
export function beyondEdges(lastMs: number): string {
  return `requests are counted up to ${lastMs} ms, so a bound beyond that is never measured: write ${lastMs} at most`;
}
