import { expect, test } from 'vitest';
import { pastOf } from './past.ts';
import type { PodScrape } from './window.ts';

const pod = (requests: number, bad: number, startedAt = 0): PodScrape => ({
  target: { uid: `pod-${requests}-${bad}`, ip: '127.0.0.1', port: 8080, startedAt },
  counters: { processStart: undefined, outcomes: { success: requests - bad, degraded: 0, error: bad, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 }, buckets: [] },
});

test('sums what the pods have counted since each of them started', () => {
  expect(pastOf([pod(1000, 20), pod(500, 10, 30_000)], 60_000)).toMatchObject({ requests: 1500, bad: 30, pods: 2, podMilliseconds: 90_000 });
  expect(pastOf([{ ...pod(1, 0), counters: undefined }], 60_000)).toBeUndefined();
});

test('pods that share their rate have a dispersion of one to a degree of freedom, others more', () => {
  expect(pastOf([pod(1000, 20), pod(1000, 20), pod(1000, 20)], 1)?.dispersion).toEqual({ squares: 0, degrees: 2 });
  const { squares = 0, degrees = 1 } = pastOf([pod(1000, 5), pod(1000, 35)], 1)?.dispersion ?? {};
  expect(squares / degrees).toBeCloseTo(22.96, 1);
});

test.each([['one pod', [pod(1000, 20)]], ['nothing went wrong', [pod(1000, 0), pod(1000, 0)]], ['too little to tell', [pod(100, 1), pod(100, 3)]], ['a pod without requests', [pod(1000, 20), pod(0, 0)]]])('nothing is compared where there is %s', (_, pods) => {
  expect(pastOf(pods, 1)).not.toHaveProperty('dispersion');
});
