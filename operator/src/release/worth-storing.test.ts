import type { ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { evidence, startedAt } from './testing/observations.ts';
import { isWorthStoring } from './worth-storing.ts';

const second = 1_000;
const stored: ReleaseStatus = {
  phase: 'Shifting', step: 0, weight: 20, message: 'Step 1: 10 requests', evidence: evidence(startedAt, { requests: 10, bad: 0 }), objectives: [{ name: 'success', verdict: 'NotMeasured', message: '10 of 30' }],
};
const { lastScrapeAt: _never, ...unread } = evidence(startedAt, { requests: 0, bad: 0 });
const counted = (seconds: number): ReleaseStatus => ({ ...stored, message: `Step 1: ${seconds}`, evidence: evidence(startedAt + seconds * second, { requests: 10 + seconds, bad: 0 }), objectives: [{ name: 'success', verdict: 'NotMeasured', message: `${seconds}` }] });
const outage: ReleaseStatus = { ...stored, phase: 'Held', reason: 'ProviderOutage' };

it.each<readonly [string, ReleaseStatus, ReleaseStatus, boolean]>([
  ['nothing has changed', stored, structuredClone(stored), false],
  ['counts of a moment', stored, counted(3), false],
  ['counts of ten seconds', stored, counted(10), true],
  ['another phase', stored, { ...counted(3), phase: 'RollingBack' }, true],
  ['another weight', stored, { ...counted(3), weight: 50 }, true],
  ['another verdict', stored, { ...counted(3), objectives: [{ name: 'success', verdict: 'Pass', message: '' }] }, true],
  ['another window', stored, { ...counted(3), evidence: { ...counted(3).evidence!, since: '2026-11-21T11:00:00.000Z' } }, true],
  ['pods that are missing', stored, { ...counted(3), unreadySince: '2026-11-21T11:00:00.000Z' }, true],
  ['an answer to a person', stored, { ...counted(3), handledIntent: { verb: 'Skip', requestId: 'r', at: '2026-11-21T11:00:00.000Z', outcome: 'Refused', message: '' } }, true],
  ['the first counts', { ...stored, evidence: unread }, counted(3), true],
  ['another sentence where nothing is counted', { phase: 'Preparing', message: 'a' }, { phase: 'Preparing', message: 'b' }, true],
  ['another sentence though the counts stand', stored, { ...stored, message: 'waits for the Gateway' }, true],
  ['the numbers of an outage, which are those of every agent', outage, { ...outage, message: 'more requests failed' }, false],
  ['the end of an outage', outage, { ...outage, phase: 'Shifting', reason: 'GoesOn' }, true],
])('%s', (_name, before, next, worth) => {
  expect(isWorthStoring(before, next)).toBe(worth);
});
