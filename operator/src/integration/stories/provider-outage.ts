import { setTimeout } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { releases } from '../../resources.ts';
import { phasesOf, Scene, stableOf, type Stage } from '../scene.ts';

/** Long enough for the outage to begin within it. */
const steps = [{ weight: 50, duration: '15s' }];
/** The operator looks every 3 s at what it holds; milliseconds. */
const someLooksMs = 10_000;
type Status = NonNullable<Release['status']>;

export function providerOutage(stage: Stage): void {
  describe.concurrent('a release in an outage of the model provider', () => {
    it('stands with its weight and its clock, and goes on afterwards with a fresh window to its promotion', async () => {
      const scene = await Scene.open(stage.cluster(), 'outage');
      const before = await bringIntoStep(scene, 'better');
      scene.providerGoes('Down');
      const stopped = await scene.untilPhase('support-2', 'Held');
      const held = stopped.status ?? {};
      expect(held).toMatchObject({ weight: 50, stop: { phase: 'Shifting', reason: 'ProviderOutage' } });
      expect(held.message).toMatch(/^The model provider is not available: the stable revision has its circuit open in [12] of [12] pods/);
      await scene.untilAgent('the status of the agent says it', ({ phase, message }) => phase === 'Progressing' && message?.includes('model provider') === true);
      await setTimeout(someLooksMs);
      const later = await scene.get(releases, 'support-2');
      expect(later.status).toMatchObject({ phase: 'Held', weight: 50 });
      expect(later.metadata.resourceVersion, 'an outage, which every agent has at once, is no write at every look').toBe(stopped.metadata.resourceVersion);
      expect(phasesOf(later).filter((phase) => !phase.startsWith('Held'))).toEqual(phasesOf(before));
      scene.providerGoes('Up');
      const goesOn = await scene.untilRelease('support-2', 'goes on', ({ phase }) => phase === 'Shifting');
      expectFreshWindow(goesOn.status ?? {}, before.status ?? {});
      const promoted = await scene.untilPhase('support-2', 'Promoted');
      expect(phasesOf(promoted)).toEqual([...phasesOf(before), 'Held: ProviderOutage', 'Shifting: GoesOn', 'Promoting: AllStepsPassed', 'Promoted: Promoted']);
      expect(promoted.status?.objectives).toMatchObject([{ name: 'success', verdict: 'Pass' }]);
      expect(stableOf(await scene.untilHealthy())).toBe(before.spec.revision);
    });

    it('is rolled back, and not held, when only its own pods do not reach the provider', async () => {
      const scene = await Scene.open(stage.cluster(), 'cut-off');
      const { spec } = await bringIntoStep(scene, 'worse [live:cut-off]');
      const release = await scene.untilPhase('support-2', 'RolledBack');
      expect(phasesOf(release).filter((phase) => phase.startsWith('Held'))).toEqual([]);
      expect(release.status?.objectives).toMatchObject([{ name: 'success', verdict: 'Fail' }]);
      expect(release.status?.evidence?.canary.providerFailures).toBeGreaterThan(0);
      const after = await scene.untilAgent('the one before serves', ({ stable }) => stable?.weight === 100);
      expect(stableOf(after)).toBe(spec.stableRevision);
    });

    it('is not needed to learn of it: an agent without one is Degraded while the provider is down, and Healthy again afterwards', async () => {
      const scene = await Scene.open(stage.cluster(), 'outage-alone');
      await scene.applyAgent({ prompt: 'first', steps });
      const { metadata } = await scene.untilHealthy();
      scene.providerGoes('Down');
      const down = await scene.untilAgent('it says so', ({ phase }) => phase === 'Degraded');
      expect(down.status?.message).toMatch(/^ModelProvider "\S+" does not serve revision [0-9a-f]+, which has all the traffic: at \S+Z the circuit to it was open in [12] of [12] pods/);
      expect(down.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({ status: 'False', reason: 'ProviderUnavailable' });
      expect(down.status?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'False' });
      scene.providerGoes('Up');
      const up = await scene.untilHealthy();
      expect([up.metadata.generation, up.status?.message]).toEqual([metadata.generation, expect.stringContaining('serves all the traffic')]);
    });
  });
}

/** An agent that is healthy, and the release of `prompt` over it in its first step. */
async function bringIntoStep(scene: Scene, prompt: string): Promise<Release> {
  await scene.applyAgent({ prompt: 'first', steps });
  await scene.untilHealthy();
  await scene.applyAgent({ prompt, steps });
  return scene.untilRelease('support-2', 'is in its step', (status) => status.phase === 'Shifting' && status.stepStartedAt !== undefined);
}

/** What was counted in the outage is gone, and the step has its whole time less what had passed before. */
function expectFreshWindow({ evidence, stepStartedAt, durations, stop }: Status, before: Status): void {
  expect(stop).toBeUndefined();
  expect(durations?.heldMilliseconds).toBeGreaterThan(0);
  expect(Date.parse(stepStartedAt ?? '') - Date.parse(before.stepStartedAt ?? '')).toBe(durations?.heldMilliseconds);
  expect(evidence?.since.localeCompare(before.evidence?.since ?? '')).toBe(1);
  expect([evidence?.stable.bad, evidence?.canary.bad]).toEqual([0, 0]);
}
