import { describe, expect, test } from 'vitest';
import { readPodCounters, UntrustedPageError } from './pod-counters.ts';
import { countingOf } from './selectors.ts';

const page = `# HELP sluice_requests_total Requests.
# TYPE sluice_requests_total counter
sluice_requests_total{outcome="success"} 10
sluice_requests_total{outcome="error",class="a"} 2
sluice_requests_total{outcome="error",class="b"} 3
sluice_requests_total{outcome="rejected"} 7
sluice_requests_total{outcome="not-yet-invented"} 9
# TYPE sluice_request_duration_seconds histogram
sluice_request_duration_seconds_bucket{le="+Inf"} 15
sluice_request_duration_seconds_bucket{le="0.1"} 4
sluice_request_duration_seconds_bucket{le="1"} 14
sluice_request_duration_seconds_sum 12.5
process_start_time_seconds 1700000000
`;

describe('readPodCounters', () => {
  test('sums over the labels that do not matter and sorts the buckets', () => {
    expect(readPodCounters(page)).toEqual({
      processStart: 1_700_000_000,
      outcomes: { success: 10, degraded: 0, error: 5, timeout: 0, overloaded: 0, rejected: 7, cancelled: 0 },
      buckets: [{ le: 0.1, count: 4 }, { le: 1, count: 14 }, { le: Infinity, count: 15 }],
      providerFailures: undefined,
      circuit: 'Closed',
    });
  });

  test('copies of requests count beside those of users, each in families of their own', () => {
    const mirrored = `sluice_mirrored_requests_total{outcome="success"} 20
sluice_mirrored_requests_total{outcome="error"} 1
sluice_mirrored_request_duration_seconds_bucket{le="0.1"} 8
sluice_mirrored_request_duration_seconds_bucket{le="1"} 20
sluice_mirrored_request_duration_seconds_bucket{le="+Inf"} 21
`;
    const counters = readPodCounters(page + mirrored);
    expect([counters.outcomes.success, counters.outcomes.error]).toEqual([30, 6]);
    expect(counters.buckets).toEqual([{ le: 0.1, count: 12 }, { le: 1, count: 34 }, { le: Infinity, count: 36 }]);
  });

  test('costs have the sum of what they were, of users and of copies; where one is not told none is known', () => {
    const counting = countingOf([{ name: 'cost', cost: {} }]);
    const costs = (family: string, count: number, sum?: number | string) => [0.01, '+Inf'].map((le) => `sluice_${family}_bucket{le="${le}"} ${count}\n`).join('') + (sum === undefined ? '' : `sluice_${family}_sum ${sum}\n`);
    const [own, copies] = ['request_cost_dollars', 'mirrored_request_cost_dollars'];
    expect(readPodCounters(page + costs(own, 15, 0.07), counting)).toMatchObject({ costBuckets: [{ le: 0.01, count: 15 }, { le: Infinity, count: 15 }], costDollars: 0.07 });
    expect(readPodCounters(page + costs(own, 15, 0.5) + costs(copies, 5, 0.25), counting)).toMatchObject({ costBuckets: [{ le: 0.01, count: 20 }, { le: Infinity, count: 20 }], costDollars: 0.75 });
    expect(readPodCounters(page + costs(own, 15, 0.07) + costs(copies, 5), counting)).not.toHaveProperty('costDollars');
    for (const sum of ['NaN', '-1', '+Inf']) expect(() => readPodCounters(page + costs(own, 15, sum), counting)).toThrow('which is no sum of costs');
  });

  test('failures of the provider, of users and of copies, and whether the circuit is open', () => {
    const counters = readPodCounters(`${page}sluice_requests_provider_unavailable_total 3
sluice_mirrored_requests_provider_unavailable_total 2
sluice_provider_circuit_open 1
`);
    expect([counters.providerFailures, counters.circuit]).toEqual([5, 'Open']);
    expect(readPodCounters(`${page}sluice_provider_circuit_open 0
`).circuit).toBe('Closed');
  });

  test('a runtime that has served nothing yet has counts of 0', () => {
    const counters = readPodCounters('# TYPE sluice_requests_total counter\n');
    expect(counters.outcomes.success).toBe(0);
    expect(counters.buckets).toEqual([]);
    expect(counters.processStart).toBeUndefined();
  });

  test.each([
    ['an empty page', ''],
    ['the page of something else', 'up 1\n'],
    ['a page of HTML', '<html>ok</html>'],
    ['NaN', 'sluice_requests_total{outcome="success"} NaN'],
    ['infinity', 'sluice_requests_total{outcome="success"} +Inf'],
    ['a negative count', 'sluice_requests_total{outcome="success"} -1'],
    ['a fraction', 'sluice_requests_total{outcome="success"} 1.5'],
    ['a cut line', 'sluice_requests_total{outcome="success"} 1\nsluice_requests_total{outc'],
    ['a histogram without its last bucket', 'sluice_requests_total 1\nsluice_request_duration_seconds_bucket{le="1"} 1'],
    ['copies that are no count', 'sluice_requests_total 1\nsluice_mirrored_requests_total{outcome="success"} -1'],
    ['failures of the provider that are no count', 'sluice_requests_total 1\nsluice_requests_provider_unavailable_total NaN'],
    ['a bucket without an edge', 'sluice_requests_total 1\nsluice_request_duration_seconds_bucket 1'],
    ['a histogram that goes down', 'sluice_requests_total 1\nsluice_request_duration_seconds_bucket{le="1"} 2\nsluice_request_duration_seconds_bucket{le="+Inf"} 1'],
  ])('does not trust %s', (_, text) => {
    expect(() => readPodCounters(text)).toThrow(UntrustedPageError);
  });
});
