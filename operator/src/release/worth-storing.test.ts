import type { ReleaseStatus } from '@sluice/crds';
import { expect, it } from 'vitest';
import { countedFrom } from './testing/crashes.ts';
import { evidence, startedAt } from './testing/observations.ts';
import { isWorthStoring } from './worth-storing.ts';

const second = 1_000;
const stored: ReleaseStatus = {
  phase: 'Shifting', step: 0, weight: 20, message: 'Step 1: 10 requests', evidence: evidence(startedAt, { requests: 10, bad: 0 }), objectives: [{ name: 'success', verdict: 'NotMeasured', message: '10 of 30' }],
};
const { lastScrapeAt: _never, ...unread } = evidence(startedAt, { requests: 0, bad: 0 });
const counted = (seconds: number): ReleaseStatus => ({ ...stored, message: `Step 1: ${seconds}`, evidence: evidence(startedAt + seconds * second, { requests: 10 + seconds, bad: 0 }), objectives: [{ name: 'success', verdict: 'NotMeasured', message: `${seconds}` }] });
const crashesAt = (seconds: number, crashes: number, ofLeaving = 0) => {
  const count = countedFrom({ canary: 0 });
  return { crashes: { ...count, until: new Date(startedAt + seconds * second).toISOString(), canary: { ...count.canary, crashes, ofLeaving, podMilliseconds: seconds * second } } };
};
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
  ['time in which nothing crashed', { ...stored, ...crashesAt(0, 0) }, { ...stored, ...crashesAt(60, 0) }, false],
  ['a crash', { ...stored, ...crashesAt(0, 0) }, { ...stored, ...crashesAt(3, 1) }, false],
  ['a crash, beside counts of a moment', { ...stored, ...crashesAt(0, 0) }, { ...counted(3), ...crashesAt(3, 1) }, false],
  ['a crash, with the counts of ten seconds', { ...stored, ...crashesAt(0, 0) }, { ...counted(10), ...crashesAt(10, 1) }, true],
  ['a crash ten seconds after the last count, where nothing is measured', { ...stored, ...crashesAt(0, 0) }, { ...stored, ...crashesAt(10, 1) }, true],
  ['a crash of a pod that is about to go', { ...stored, ...crashesAt(0, 0) }, { ...stored, ...crashesAt(3, 1, 1) }, true],
  ['a crash in an outage', { ...outage, ...crashesAt(0, 0) }, { ...outage, ...crashesAt(20, 1) }, false],
  ['a crash of a pod that is about to go in an outage', { ...outage, ...crashesAt(0, 0) }, { ...outage, ...crashesAt(3, 1, 1) }, true],
  ['another sentence where nothing is counted', { phase: 'Preparing', message: 'a' }, { phase: 'Preparing', message: 'b' }, true],
  ['another sentence though the counts stand', stored, { ...stored, message: 'waits for the Gateway' }, true],
  ['the numbers of an outage, which are those of every agent', outage, { ...outage, message: 'more requests failed' }, false],
  ['the end of an outage', outage, { ...outage, phase: 'Shifting', reason: 'GoesOn' }, true],
])('%s', (_name, before, next, worth) => {
  expect(isWorthStoring(before, next)).toBe(worth);
});
