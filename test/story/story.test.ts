import { expect, test } from 'vitest';
import { summary } from './story.ts';

const load = { sent: 2461, failed: 3, failedOnStable: 0, p95Ms: 204.7, revisions: {} };
const told = { title: 'v1, the first revision', name: 'support-1', revision: 'r1', verdict: 'Promoted', message: '', secondsToVerdict: 13 };

test('the summary names each promise in a line of its own, and what was seen of one that did not hold', () => {
  const checks = [{ name: 'v1 is promoted', ok: 'passed' as const, detail: 'Promoted' }, { name: 'v3 is stopped', ok: 'failed' as const, detail: 'Promoted, expected RolledBack' }];
  expect(summary({ releases: [told], load, checks })).toEqual([
    'v1, the first revision: Promoted after 13 s',
    'requests sent 2461; failed on the stable path 0; failed on the canary that was rolled back 3; p95 205 ms',
    '1 of 2 promises held:',
    '  ok      v1 is promoted',
    '  FAILED  v3 is stopped: Promoted, expected RolledBack',
  ]);
});
