import { describe, expect, it } from 'vitest';
import { liveRoute, planOf } from './testing/routes.ts';
import { noteOfWeightsBefore, weightsInForce } from './weights-before.ts';

const [half, none] = [planOf({ old: 50, new: 50 }), planOf({ old: 100 })];
const pending = { acceptance: { state: 'Pending', answers: 'NotAll', backends: 'Available', message: 'waiting' } } as const;
const before = new Map([['old', 90], ['new', 10]]);

describe('what a route notes of the weights before', () => {
  it.each<[string, Parameters<typeof noteOfWeightsBefore>, string | undefined]>([
    ['there was no route', [half, undefined], undefined],
    ['other weights, after those before were taken', [none, liveRoute(half, { before })], '{"weights":{"new":50,"old":50}}'],
    ['other weights, while nobody has answered for those before', [none, liveRoute(half, { before, ...pending })], '{"weights":{"new":10,"old":90}}'],
    ['the same weights: no write', [half, liveRoute(half, { before })], '{"weights":{"new":10,"old":90}}'],
    ['the same weights, of a route that has no note: no write', [half, liveRoute(half)], undefined],
    ['the same weights and a dark launch', [planOf({ old: 100 }, { dark: 'new' }), liveRoute(none, { before })], '{"weights":{"new":10,"old":90}}'],
  ])('%s', (_name, question, note) => {
    expect(noteOfWeightsBefore(...question)).toBe(note);
  });
});

it.each<[string, Parameters<typeof liveRoute>[1], Readonly<Record<string, number>>]>([
  ['those that it asks for, once all Gateways have answered', { before }, { old: 50, new: 50 }],
  ['those before, as long as one has not', { before, ...pending }, { old: 90, new: 10 }],
  ['those that it asks for where none are noted', pending, { old: 50, new: 50 }],
  ['those that it asks for while a hand has written others, which nobody answers for', { before, ...pending, drift: 'somebody changed it' }, { old: 50, new: 50 }],
])('the weights in force are %s', (_name, changes, weights) => {
  expect(Object.fromEntries(weightsInForce(liveRoute(half, changes)))).toEqual(weights);
});
