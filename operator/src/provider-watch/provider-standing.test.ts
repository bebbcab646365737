import { expect, it } from 'vitest';
import { isSuspicion, type ProviderLook, type ProviderStanding, standingAfter } from './provider-standing.ts';

const look = (changes: Partial<ProviderLook>): ProviderLook => ({
  revision: 'abc', provider: 'anthropic', at: Date.parse('2026-11-23T03:00:00.250Z'), countedMs: 60_000, pods: 2, circuitsOpen: 0, requests: 100, providerFailures: 0, ...changes,
});
const unknown: ProviderStanding = { kind: 'Unknown' };
const reached: ProviderStanding = { kind: 'Reached' };
const cutOff: ProviderStanding = { kind: 'CutOff', message: 'as it was told' };

it.each<readonly [string, ProviderStanding, Partial<ProviderLook>, ProviderStanding['kind']]>([
  ['it is served at the first look', unknown, { countedMs: 0, requests: 0 }, 'Reached'],
  ['no pod could be read at the first look', unknown, { pods: 0, requests: 0 }, 'Unknown'],
  ['all circuits are open', reached, { circuitsOpen: 2, requests: 40, providerFailures: 40 }, 'CutOff'],
  ['half of the circuits are open, and nothing is counted yet', unknown, { circuitsOpen: 1, requests: 0, countedMs: 0 }, 'CutOff'],
  ['one circuit of three is open', reached, { pods: 3, circuitsOpen: 1 }, 'Reached'],
  ['a third of the requests fail by its fault', reached, { providerFailures: 33 }, 'CutOff'],
  ['some fail, as on an ordinary day', reached, { providerFailures: 8 }, 'Reached'],
  ['there is no traffic', reached, { requests: 0 }, 'Reached'],
  ['it is cut off and stays so', cutOff, { circuitsOpen: 2, providerFailures: 100 }, 'CutOff'],
  ['it is cut off and no pod can be read', cutOff, { pods: 0, requests: 0 }, 'CutOff'],
  ['it is cut off, and between two failures the circuits are closed', cutOff, { requests: 10, providerFailures: 4 }, 'CutOff'],
  ['it was cut off, and the counts are of ten seconds', cutOff, { countedMs: 10_000 }, 'CutOff'],
  ['it was cut off, and a minute shows that it is served', cutOff, {}, 'Reached'],
  ['it was cut off, and nobody asks any more', cutOff, { requests: 0 }, 'Reached'],
])('%s', (_title, previous, changes, kind) => {
  expect(standingAfter(previous, look(changes)).kind).toBe(kind);
});

it('only what is news has to be confirmed', () => {
  const open = look({ circuitsOpen: 2 });
  expect([unknown, reached, cutOff].map((previous) => isSuspicion(previous, open))).toEqual([true, true, false]);
  expect(isSuspicion(reached, look({}))).toBe(false);
});

it('says what is cut off, since when, and whose turn it is', () => {
  expect(standingAfter(reached, look({ circuitsOpen: 2, providerFailures: 97, countedMs: 60_400 }))).toEqual({
    kind: 'CutOff',
    message: 'ModelProvider "anthropic" does not serve revision abc, which has all the traffic: at 2026-11-23T03:00:00Z the circuit to it was open in 2 of 2 pods, and of 100 requests in 60 s 97 failed by its fault. No release is under way, so nothing is rolled back; look at the provider, its key and its quota',
  });
});

it('is told once: a later look changes no word', () => {
  expect(standingAfter(cutOff, look({ circuitsOpen: 2, at: Date.parse('2026-11-23T04:00:00Z') }))).toBe(cutOff);
});
