import { expect, it } from 'vitest';
import { decideReadiness } from './readyz.ts';

it.each([
  ['a process that starts', 'starting', 'ok', 'shared', { answer: 'not-ready', reason: 'starting' }],
  ['one that drains, whatever its store does', 'draining', 'down', 'shared', { answer: 'not-ready', reason: 'draining' }],
  ['one with all it needs', 'ready', 'ok', 'own', { answer: 'ready', degraded: [] }],
  ['a blip of a shared store', 'ready', 'degraded', 'shared', { answer: 'ready', degraded: ['store'] }],
  ['a shared store that is away for long, for all replicas as far as one can know', 'ready', 'down', 'shared', { answer: 'ready', degraded: ['store'] }],
  ['a blip of its own store', 'ready', 'degraded', 'own', { answer: 'ready', degraded: ['store'] }],
  ['a store of its own that is away for long', 'ready', 'down', 'own', { answer: 'not-ready', reason: 'store_unavailable' }],
] as const)('%s', (_case, phase, store, reach, expected) => {
  expect(decideReadiness({ phase, store, reach })).toEqual(expected);
});
