import type { Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { startedAt } from '../../../operator/src/release/testing/observations.ts';
import { judgedRelease } from '../fixtures/judged-release.ts';
import { agentOf, progressingStatus, promoted, view } from '../fixtures/views.ts';
import { explain } from './explanation.ts';

function explained(release: Release, seconds: number) {
  const agent = agentOf(progressingStatus);
  return explain({ ...view(agent, [promoted, release]), agent }, { now: startedAt + seconds * 1_000, options: [] });
}

const changed = (release: Release, change: (state: Record<string, unknown>) => Record<string, unknown>, status: Partial<Release['status']> = {}): Release => {
  const { gate } = release.status ?? {};
  if (gate === undefined) throw new Error('nothing was judged');
  return { ...release, status: { ...release.status, ...status, gate: { ...gate, state: JSON.stringify(change(JSON.parse(gate.state) as Record<string, unknown>)) } } };
};

describe('the answer of a step', () => {
  const open = judgedRelease({ canary: 1, stable: 1 }, 2);
  const proven = judgedRelease({ canary: 1, stable: 1 }, 40);

  it('is how many requests it waits for, and for how long at this rate', () => {
    const { answer, paragraph } = explained(open, 30);
    expect(answer).toMatch(/^support-2 waits for \d+ more requests of the new revision, about (\d+[hms])+, until success can pass\.$/);
    expect(paragraph.startsWith(`${answer} Release support-2 brings `)).toBe(true);
  });

  it('is its time where everything is proven', () => {
    expect(explained(proven, 30).answer).toBe('support-2 waits for the time of its step: 30s are left.');
    expect(explained(proven, 600).answer).toBe('support-2 is about to go on: all that its step asks for is there.');
  });

  it('is that nobody looks, where nothing has been measured for long', () => {
    expect(explained(open, 90).answer).toMatch(/^support-2 waits for \d+ more requests/);
    expect(explained(open, 91).answer).toBe('support-2 waits for the operator: nothing has been measured since 2026-11-21T10:00:30Z (1m1s), though it should be every 15s. See whether the operator runs; nothing is promoted or taken back meanwhile.');
  });

  it.each([[0, 'either'], [200, 'the new']])('is that no requests came, where the stable revision has %d', (requests, whom) => {
    const evidence = open.status?.evidence;
    if (evidence === undefined) throw new Error('nothing was counted');
    const none = { requests: 0, bad: 0, latencyBuckets: [] };
    const forecast = { at: '', message: 'success needs about 531 requests', objectives: [{ name: 'success', requests: 531, reachable: 'Yes' as const }] };
    const silent = { ...open, status: { ...open.status, evidence: { ...evidence, canary: none, stable: { ...none, requests } }, gate: { ...open.status!.gate!, forecast } } };
    const { answer, paragraph } = explained(silent, 30);
    expect(answer).toBe(`support-2 waits for requests: none reached ${whom} revision since 2026-11-21T10:00:00Z, as of 2026-11-21T10:00:30Z, and about 531 of the new one are needed.`);
    expect(paragraph).not.toContain('success needs about 531 requests');
  });

  it('is its time where there are no objectives, whether anybody asks or not', () => {
    const { gates: _none, ...rollout } = open.spec.rollout ?? {};
    const none = { requests: 0, bad: 0, latencyBuckets: [] };
    const { gate: _record, ...status } = open.status ?? {};
    const evidence = { ...open.status!.evidence!, canary: none, stable: none };
    const ungated = { ...open, spec: { ...open.spec, rollout: { ...rollout } as NonNullable<Release['spec']['rollout']> }, status: { ...status, evidence } };
    const { answer, paragraph, commands } = explained(ungated, 30);
    expect(answer).toBe('support-2 waits for the time of its step: 30s are left.');
    expect(paragraph).not.toContain('objective');
    expect(commands.find(({ verb }) => verb === 'Promote')?.what).toBe('end the time of the step');
  });

  it('is what could not be measured', () => {
    const missing = changed(open, (state) => ({ ...state, metrics: { success: { ...(state['metrics'] as Record<string, object>)['success'], missing: 4 } } }));
    expect(explained(missing, 30).answer).toBe('support-2 waits for measurements of success.');
  });

  it('is what could not be measured also where there are guards alone, none of which can be', () => {
    const guarded = changed(proven, (state) => ({ ...state, metrics: { success: { ...(state['metrics'] as Record<string, object>)['success'], missing: 6 } } }));
    const gate = guarded.status!.gate!;
    const metrics = (gate.policy as { readonly metrics: readonly object[] }).metrics.map((metric) => ({ ...metric, role: 'guard' }));
    const alone = { ...guarded, status: { ...guarded.status, gate: { ...gate, policy: { ...gate.policy, metrics } } } };
    expect(explained(alone, 600).answer).toBe('support-2 waits for measurements of success.');
  });

  it('is without numbers where the record of the gates was damaged', () => {
    const { gate } = open.status ?? {};
    expect(explained({ ...open, status: { ...open.status, gate: { ...gate!, state: 'no JSON' } } }, 30).answer).toBe('support-2 waits for success to pass.');
  });
});

it.each<[string, number, string | undefined]>([
  ['Off', 0, undefined],
  ['Off', 1, 'Evidence for a rollback decides at 40 (20, doubled for the retry: that halves the risk).'],
  ['On', 0, 'Evidence decides at 40 (20, doubled for the test at the deadline: that halves the risk).'],
])('says once why evidence must be more than the rollout says: test at the deadline %s, %i retries', (deadlineTest, attempt, says) => {
  const open = changed(judgedRelease({ canary: 1, stable: 1 }, 2), (state) => ({ ...state, attempt }));
  const { gate } = open.status ?? {};
  const { paragraph } = explained({ ...open, status: { ...open.status, gate: { ...gate!, policy: { ...gate?.policy, deadlineTest } } } }, 30);
  expect(paragraph.match(/doubled/g) ?? []).toHaveLength(says === undefined ? 0 : 1);
  expect(paragraph).toContain(says ?? '');
});
