import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { stateIn } from '../gates/release-gate/gate-record.ts';
import { twoSteps } from './testing/observations.ts';
import { playRelease } from './testing/played-release.ts';

/** Looks come each 3 s and blocks each 15 s: most edits are seen by a look that closes no block. */
const everyMs = 3_000;
/** No end of a block: the fourth look after one. */
const editedAt = 104;

function rollout(gates: Partial<NonNullable<RolloutSpec['gates']>>): RolloutSpec {
  return { ...twoSteps, steps: [{ weight: 10, duration: '1s' }], gates: { interval: '15s', minDuration: '30m', objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }], ...gates } };
}

const before = rollout({});

function play(edits: readonly RolloutSpec[], looks: number): ReleaseStatus {
  const plan = (look: number): RolloutSpec => (look < editedAt ? before : (edits[Math.min(look - editedAt, edits.length - 1)] ?? before));
  const traffic = { stable: { requests: 27, bad: 1 }, canary: { requests: 3, bad: 0 } };
  return playRelease(Array.from({ length: looks }, (_, look) => ({ ...traffic, seen: { rollout: plan(look) } })), { rollout: before, everyMs });
}

function gateOf({ gate }: ReleaseStatus) {
  if (gate === undefined) throw new Error('the release has no gate');
  const { attempt, freshStarts, metrics } = stateIn(gate.state);
  const requests = (metrics['success']?.totals ?? []).reduce((sum, { counts }) => sum + counts[1], 0);
  return { attempt, freshStarts, requests, risk: gate.policy['alphaPromote'] };
}

describe('gates that are edited in mid-release, by a look that closes no block', () => {
  const [justBefore, longBefore] = [gateOf(play([before], editedAt)), gateOf(play([before], editedAt + 5))];

  it('keep all evidence when a time is edited', () => {
    expect(justBefore.requests).toBeGreaterThan(200);
    expect(gateOf(play([rollout({ minDuration: '31m' })], editedAt + 1))).toEqual(justBefore);
    expect(gateOf(play([rollout({ minDuration: '31m' })], editedAt + 5))).toEqual(longBefore);
  });

  it('begin anew at half of the risk when a margin is edited, and stay so', () => {
    const edited = [rollout({ objectives: [{ name: 'success', successRate: { maxDropPoints: 3 } }] })];
    expect(gateOf(play(edited, editedAt + 1))).toMatchObject({ attempt: 1, freshStarts: 1, requests: 0 });
    expect(gateOf(play(edited, editedAt + 5))).toMatchObject({ attempt: 1, freshStarts: 1 });
  });

  it('spend a half of what is left with each further edit', () => {
    const edited = [3, 4, 5].map((maxDropPoints) => rollout({ objectives: [{ name: 'success', successRate: { maxDropPoints } }] }));
    expect(gateOf(play(edited, editedAt + 5))).toMatchObject({ attempt: 3, freshStarts: 3 });
  });

  it('say of a gate that was made a guard, and not proven, that nothing is promised of it', () => {
    // So narrow that nothing is proven.
    const as = (role: 'Gate' | 'Guard') => rollout({ objectives: [{ name: 'success', role, successRate: { maxDropPoints: 0.2 } }] });
    const looks = Array.from({ length: editedAt + 5 }, (_, look) => ({ stable: { requests: 27, bad: 1 }, canary: { requests: 3, bad: 0 }, seen: { rollout: as(look < editedAt ? 'Gate' : 'Guard') } }));
    const { objectives = [], gate } = playRelease(looks, { rollout: as('Gate'), everyMs });
    expect(gate?.policy).toMatchObject({ droppedGates: ['success'] });
    expect(objectives[0]?.message).toMatch(/; success was a gate until the plan was edited, before it was proven: nothing is promised of that/);
  });

  it('keep the risk that was agreed on', () => {
    expect(gateOf(play([rollout({ risk: { promoteWorsePercent: 40, rollbackGoodPercent: 5 } })], editedAt + 5))).toEqual(longBefore);
  });
});
