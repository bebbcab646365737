import type { Transition } from '@sluice/crds';
import { expect, it } from 'vitest';
import { move } from './decision.ts';
import { releaseIn, startedAt } from './testing/observations.ts';

it('a release that is paused again and again keeps as many changes of its phase as the API server takes, the latest', () => {
  const transitions = Array.from({ length: 64 }, (_, index): Transition => ({ phase: index % 2 === 0 ? 'Paused' : 'Shifting', at: new Date(startedAt + index).toISOString(), reason: 'Paused', message: `change ${index}` }));
  const { status } = move({ now: startedAt + 1_000, release: releaseIn({ phase: 'Shifting', transitions }) }, { phase: 'Paused', reason: 'Paused', message: 'the last' });
  expect(status.transitions).toHaveLength(64);
  expect([status.transitions?.[0]?.message, status.transitions?.at(-1)?.message]).toEqual(['change 1', 'the last']);
});
