import { describe, expect, it } from 'vitest';
import { agentOf, healthyStatus, progressingStatus, promoted, releaseOf, rolledBack, shifting, view } from '../fixtures/views.ts';
import { outcomeOf } from './outcome.ts';

const degraded = { ...healthyStatus, phase: 'Degraded', revision: 'r2' } as const;

describe('the outcome of an agent', () => {
  it.each([
    ['not found', view(undefined), 1, 'Ended'],
    ['not looked at', view(agentOf(undefined)), 2, 'Underway'],
    ['healthy', view(agentOf(healthyStatus), [promoted]), 0, 'Ended'],
    ['on its way', view(agentOf(progressingStatus), [promoted, shifting]), 2, 'Underway'],
    ['rolled back', view(agentOf(degraded), [promoted, rolledBack]), 1, 'Ended'],
    ['degraded while a release is on its way', view(agentOf({ ...degraded, revision: 'r3' }), [promoted, shifting]), 1, 'Underway'],
    ['healthy, by a status of an earlier spec', view(agentOf({ ...healthyStatus, observedGeneration: 3 }), [promoted]), 2, 'Underway'],
    ['degraded, by a status of an earlier spec', view(agentOf({ ...degraded, observedGeneration: 3 }), [promoted]), 2, 'Underway'],
    ['healthy, with a new revision whose release does not exist yet', view(agentOf({ ...healthyStatus, revision: 'r3' }), [promoted]), 2, 'Underway'],
    ['healthy, with an unfinished release', view(agentOf(healthyStatus), [promoted, shifting]), 2, 'Underway'],
    ['promoted, with pods that are not ready', view(agentOf({ ...healthyStatus, phase: 'Progressing' }), [promoted]), 2, 'Underway'],
    ['waiting for approval', view(agentOf(progressingStatus), [promoted, releaseOf(3, 'r3', { phase: 'AwaitingApproval' })]), 3, 'Underway'],
    ['waiting for approval, by a status of an earlier spec', view(agentOf({ ...progressingStatus, observedGeneration: 3 }), [promoted, releaseOf(3, 'r3', { phase: 'AwaitingApproval' })]), 2, 'Underway'],
    ['paused', view(agentOf({ ...progressingStatus, phase: 'Paused' }), [promoted, releaseOf(3, 'r3', { phase: 'Paused' })]), 4, 'Underway'],
    ['held', view(agentOf(progressingStatus), [promoted, releaseOf(3, 'r3', { phase: 'Held' })]), 2, 'Underway'],
    ['suspended', view(agentOf({ ...healthyStatus, phase: 'Suspended' }), [promoted]), 4, 'Underway'],
    ['aborted', view(agentOf(degraded), [promoted, releaseOf(3, 'r3', { phase: 'Aborted' })]), 1, 'Ended'],
    ['pending', view(agentOf({ observedGeneration: 4, phase: 'Pending' })), 2, 'Underway'],
  ] as const)('%s', (_title, agent, exitCode, release) => {
    expect(outcomeOf(agent)).toEqual({ exitCode, release });
  });
});
