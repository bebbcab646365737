import { describe, expect, it } from 'vitest';
import { differencesOf, resultTable, type TrialResult, verdictOf } from './trial-result.ts';

const sound: TrialResult = { peer: 'sluice', trial: 'watch: reset', judged: 'convergence', strikes: 2, differences: [], settledMs: 10, exited: undefined, exitedOnStop: undefined, leaked: 0 };

describe('differencesOf', () => {
  it('counts what is missing, stale and kept', () => {
    expect(differencesOf({ a: '1' }, { a: '1' })).toEqual([]);
    expect(differencesOf({ a: '1', c: '3', d: '4' }, { a: '2', b: '1' })).toEqual(['1 missing', '1 stale', '2 deleted ones kept']);
    expect(differencesOf(undefined, {})).toHaveLength(1);
  });
});

describe('verdictOf', () => {
  it('tells convergence, exits, leaks and a fault that was never met apart', () => {
    expect(verdictOf(sound)).toBe('converges');
    expect(verdictOf({ ...sound, differences: ['1 stale'], leaked: 2 })).toBe('never converges: 1 stale; leaks 2 watches after stop');
    expect(verdictOf({ ...sound, exited: 'code 1' })).toBe('**exits**, code 1');
    expect(verdictOf({ ...sound, exitedOnStop: 'code 1' })).toBe('converges; stop ends the process, code 1');
    expect(verdictOf({ ...sound, strikes: 0 })).toBe('not met');
    expect(verdictOf({ ...sound, judged: 'stop', leaked: 1 })).toBe('stops; leaks 1 watch after stop');
  });

  it('makes a row per trial with a cell per peer', () => {
    expect(resultTable([sound, { ...sound, peer: 'dot-i', exited: 'code 1' }]).split('\n').at(-1)).toBe('| watch: reset | converges | not run | **exits**, code 1 |');
  });
});
