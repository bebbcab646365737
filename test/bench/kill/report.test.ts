import { expect, it } from 'vitest';
import { renderReport } from './report.ts';
import type { StoryResult } from './result.ts';
import type { KillOutcome } from './verdict.ts';

const kill = (write: number, variant: KillOutcome['variant'], change: Partial<KillOutcome> = {}): KillOutcome => ({ write, variant, killedAt: 'patch rollouts/status', seconds: 18, sentences: [], ...change });
const result: StoryResult = {
  contender: 'Argo Rollouts', story: 'a canary', writes: ['create replicasets', 'patch rollouts/status'], planned: 6, serves: { 'v2/one': 4 }, seconds: 9.25,
  along: { fewest: 4, mostFailed: 0, returns: 0, unwished: [] }, noise: ['Rollout agent: status.looks'], shortcomings: [], failures: [],
  kills: [kill(1, 'lost'), kill(1, 'made', { seconds: 40 }), kill(2, 'lost', { sentences: ['it did not end', 'ConfigMap x is left over'] }), kill(2, 'made', { sentences: ['it did not end'] }), { write: 3, variant: 'lost', seconds: 0, sentences: [] }],
};
const render = (change: Partial<StoryResult> = {}): string => renderReport({ environment: { node: 'v26' }, results: [{ ...result, ...change }] });

it('counts for each story and variant what was survived of what was killed, what was not reached and what was not run', () => {
  expect(render()).toContain('| Argo Rollouts, a canary | 2 | 1 of 2 | 1 of 2 | 1 | 1 | 40 (40) |');
  expect(render()).toContain('Argo Rollouts survived 2 of 4 kills: the end, and the way there, were as without one.');
});

it('says each difference once, and at which kills it was seen', () => {
  expect(render()).toContain('- Argo Rollouts, a canary, 2 of 4 kills: it did not end. Killed at write 2 (patch rollouts/status) lost, write 2 (patch rollouts/status) made.');
  expect(render()).toContain('- Argo Rollouts, a canary, 1 of 4 kills: ConfigMap x is left over. Killed at write 2 (patch rollouts/status) lost.');
});

it('shows what an uninterrupted run is like, and what is not compared', () => {
  expect(render()).toContain('| Argo Rollouts, a canary | 4 × v2/one | 4 | 0 | 9.3 |');
  expect(render()).toContain('- Argo Rollouts, a canary: Rollout agent: status.looks.');
  expect(render({ noise: [] })).not.toContain('Not compared');
});

it('says what is not as wished without a kill, and which runs could not be begun', () => {
  const text = render({ shortcomings: ['at the end v1 serves with another configuration'], failures: ['write 1 lost: it did not get ready'] });
  expect(text).toContain('- Argo Rollouts, a canary: at the end v1 serves with another configuration.');
  expect(text).toContain('- Argo Rollouts, a canary, write 1 lost: it did not get ready.');
});

it('has no time where nothing was survived', () => {
  expect(render({ kills: [] })).toContain('| Argo Rollouts, a canary | 2 | 0 of 0 | 0 of 0 | 0 | 6 | – |');
});
