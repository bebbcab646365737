import { describe, expect, it } from 'vitest';
import type { Along } from './along.ts';
import type { Told } from './run.ts';
import { stories } from './story.ts';
import { inWords, judge, shortcomings, worse } from './verdict.ts';

const along: Along = { fewest: 4, mostFailed: 1, returns: 0, unwished: [] };
const states = { 'Rollout agent': { phase: 'Healthy' } };
const told: Told = { writes: ['patch rollouts/status'], killedAt: 'patch rollouts/status', seconds: 17, serves: { 'v1/one': 4 }, along, states };
const reference = { ends: [{ states, noise: new Set<string>() }], along };
const kill = { write: 3, variant: 'lost' } as const;
const sentences = (change: Partial<Told>): readonly string[] => judge(kill, { ...told, ...change }, reference).sentences;
const configuration = stories.find(({ id }) => id === 'configuration')!;

describe('judge', () => {
  it('has nothing to say of a run that was as uninterrupted ones are', () => {
    expect(judge(kill, told, reference)).toEqual({ ...kill, killedAt: 'patch rollouts/status', seconds: 17, sentences: [] });
  });

  it.each([
    [{ stuck: 'it did not end', states: {} }, 'it did not end'],
    [{ states: { 'Rollout agent': { phase: 'Paused' } } }, 'Rollout agent: phase is "Paused", where it is "Healthy" in an uninterrupted run'],
    [{ along: { ...along, fewest: 3 } }, 'on the way only 3 pods were ready behind the Service, 4 in uninterrupted runs'],
    [{ along: { ...along, mostFailed: 2 } }, 'the revision that was taken back had 2 ready pods on the way, at most 1 in uninterrupted runs'],
    [{ along: { ...along, returns: 1 } }, 'the revision that was taken back got more ready pods after that, 1 times, 0 in uninterrupted runs'],
    [{ along: { ...along, unwished: ['v1/two'] } }, 'on the way there served what nobody had asked for: v1/two (image/configuration)'],
  ])('says what is worse: %j', (change, sentence) => {
    expect(sentences(change)).toEqual([sentence]);
  });

  it('takes pods that never were as many as asked for fewer than any', () => {
    expect(sentences({ along: { ...along, fewest: undefined } })).toEqual(['on the way only 0 pods were ready behind the Service, 4 in uninterrupted runs']);
  });

  it('says nothing of what is better', () => {
    expect(sentences({ along: { ...along, mostFailed: 0 } })).toEqual([]);
  });
});

it('measures against the worse of two uninterrupted runs', () => {
  expect(worse(along, { fewest: 3, mostFailed: 2, returns: 1, unwished: ['v1/two'] })).toEqual({ fewest: 3, mostFailed: 2, returns: 1, unwished: ['v1/two'] });
  expect(worse(along, { ...along, fewest: undefined }).fewest).toBeUndefined();
});

describe('shortcomings', () => {
  it('has none where the former image serves with the former configuration', () => {
    expect(shortcomings(configuration, told)).toEqual([]);
  });

  it('says that an image serves with a configuration that it was not released with', () => {
    expect(shortcomings(configuration, { serves: { 'v1/two': 4 }, along: { ...along, unwished: ['v1/two'] } })).toEqual([
      'at the end v1 serves with another configuration than the one it was released with, which was "one": 4 × v1/two',
      'on the way there served what nobody had asked for: v1/two (image/configuration)',
    ]);
  });

  it('says that what was taken back serves', () => {
    expect(shortcomings(configuration, { serves: { 'v1/one': 3, 'v2/two': 1 }, along })).toEqual(['what was taken back serves: 3 × v1/one, 1 × v2/two']);
  });
});

it('puts into words what serves', () => {
  expect([inWords({ 'v1/one': 3, 'v2/two': 1 }), inWords({})]).toEqual(['3 × v1/one, 1 × v2/two', 'nothing']);
});
