import { describe, expect, it } from 'vitest';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import type { DesiredRevision } from '../observation.ts';
import { ChangeSettling } from './change-settling.ts';

const unresolved: DesiredRevision = { kind: 'Unresolved', problem: { reason: 'PromptNotFound', message: 'there is none' } };

/** Tells when it settles, each time that a revision is asked for at a time; undefined: it has. */
function asker() {
  let now = 0;
  const settling = new ChangeSettling({ clock: { now: () => now } });
  return (at: number, revision: string | undefined, uid = 'u1'): number | undefined => {
    now = at;
    const agent = sampleAgent();
    return settling.settlesAt({ ...agent, metadata: { ...agent.metadata, uid } }, revision === undefined ? unresolved : { kind: 'Rendered', record: { ...sampleRecord(), revision } });
  };
}

describe('a change of what an agent asks for', () => {
  it('counts as whole a second after its last part', () => {
    const ask = asker();
    expect(ask(0, 'a'), 'what a process finds is whole').toBeUndefined();
    expect(ask(5_000, 'b')).toBe(6_000);
    expect(ask(5_400, 'b'), 'a look is no change').toBe(6_000);
    expect(ask(5_600, 'c')).toBe(6_600);
    expect(ask(6_599, 'c')).toBe(6_600);
    expect(ask(6_600, 'c')).toBeUndefined();
    expect(ask(9_000, 'd'), 'the next one has its own second').toBe(10_000);
  });

  it('is waited for ten seconds at most, however often it is changed', () => {
    const ask = asker();
    ask(0, 'a');
    const ends = Array.from({ length: 21 }, (_, index) => ask(1_000 + index * 500, `b${index}`));
    expect(ends.slice(0, 19)).toEqual(Array.from({ length: 19 }, (_, index) => Math.min(2_000 + index * 500, 11_000)));
    expect(ends[20]).toBe(12_000);
  });

  it('counts as whole once it was undone, and settles as another', () => {
    const ask = asker();
    ask(0, 'a');
    ask(1_000, 'b');
    expect(ask(1_100, 'a')).toBe(2_100);
    expect(ask(2_100, 'a')).toBeUndefined();
  });

  it('is not forgotten while what it names cannot be read', () => {
    const ask = asker();
    ask(0, 'a');
    expect(ask(1_000, undefined)).toBeUndefined();
    expect(ask(1_500, 'b')).toBe(2_500);
    expect(ask(1_600, undefined)).toBe(2_500);
    expect(ask(60_000, undefined, 'never seen')).toBeUndefined();
  });

  it('is each agent\'s own, and a clock that is put back makes nobody wait', () => {
    const ask = asker();
    ask(0, 'a');
    ask(0, 'x', 'u2');
    expect(ask(60_000, 'b')).toBe(61_000);
    expect(ask(60_100, 'x', 'u2')).toBeUndefined();
    expect(ask(30_000, 'b')).toBeUndefined();
  });
});
