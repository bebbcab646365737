import type { BadCount } from './bound-check.ts';

/** At most `digits` decimals and no zeros at the end: 99.5, 100, 0.04. */
export function decimal(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** Percent of good requests; rounded down, so that one failure among many never reads as 100. */
export function successPercent({ bad, requests }: BadCount): string {
  return `${decimal(Math.floor(((requests - bad) / requests) * 10_000 + 1e-7) / 100, 2)} %`;
}

export function requestCount(requests: number): string {
  if (requests === 0) return 'no requests';
  return requests === 1 ? '1 request' : `${requests} requests`;
}

/** "1 bad of 52 requests". */
export function badCount({ bad, requests }: BadCount): string {
  return `${bad} bad of ${requestCount(requests)}`;
}

/** Milliseconds of an edge in seconds. */
export function edgeText(seconds: number, largestFinite: number): string {
  return seconds === Infinity ? `more than ${decimal(largestFinite * 1000, 1)} ms` : `${decimal(seconds * 1000, 1)} ms`;
}

export function moreNeeded(requests: number): string {
  return requests === 1 ? '1 more is needed' : `${requests} more are needed`;
}
