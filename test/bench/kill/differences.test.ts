import { expect, it } from 'vitest';
import { differencesOf, placesOf } from './differences.ts';

const none: ReadonlySet<string> = new Set();
const rollout = (status: object) => ({ 'Rollout agent': { spec: { replicas: 4 }, status } });
const sentences = (...args: Parameters<typeof differencesOf>): readonly string[] => differencesOf(...args).map(({ sentence }) => sentence);

it('finds nothing in the same end', () => {
  expect(sentences(rollout({ phase: 'Healthy' }), rollout({ phase: 'Healthy' }), none)).toEqual([]);
});

it('says which field has which value in place of which', () => {
  expect(sentences(rollout({ phase: 'Healthy', stableRS: 'a' }), rollout({ phase: 'Degraded', abort: true, stableRS: 'a' }), none)).toEqual([
    'Rollout agent: status.abort is true, where it is not set in an uninterrupted run',
    'Rollout agent: status.phase is "Degraded", where it is "Healthy" in an uninterrupted run',
  ]);
});

it('says what is left over and what is missing', () => {
  expect(sentences({ 'ConfigMap a': {} }, { 'ConfigMap b': {} }, none)).toEqual(['ConfigMap a is missing', 'ConfigMap b is left over: an uninterrupted run has none']);
});

it('leaves out where two uninterrupted runs differ, and nothing else', () => {
  const noise = placesOf(differencesOf(rollout({ looks: 1, phase: 'Healthy' }), rollout({ looks: 2, phase: 'Healthy' }), none));
  expect(noise).toEqual(new Set(['Rollout agent: status.looks']));
  expect(sentences(rollout({ looks: 1, phase: 'Healthy' }), rollout({ looks: 7, phase: 'Paused' }), noise)).toEqual(['Rollout agent: status.phase is "Paused", where it is "Healthy" in an uninterrupted run']);
});

it('takes a list for one value', () => {
  expect(placesOf(differencesOf(rollout({ conditions: ['a', 'b'] }), rollout({ conditions: ['a'] }), none))).toEqual(new Set(['Rollout agent: status.conditions']));
});
