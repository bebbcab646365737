import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentDeployment } from '@sluice/crds';
import { configMaps, deployments, type KubeObject, networkPolicies, podDisruptionBudgets, type ResourceType, serviceAccounts, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, releases } from '../../resources.ts';
import { isWrite } from '../api-request.ts';
import { agent, type AgentSketch } from '../manifests.ts';
import { phasesOf, Scene, type Stage } from '../scene.ts';
import { call } from '../test-cluster.ts';
import { bringInto, type StandingPhase, standingPhases } from './phases.ts';

const rounds = 4;
const children = [services, serviceAccounts, podDisruptionBudgets, networkPolicies, configMaps, deployments] as unknown as readonly ResourceType[];

/** Phases that end by themselves are not among the standing ones. */
const ended: readonly { readonly title: string; readonly sketches: readonly AgentSketch[]; readonly phase: string }[] = [
  { title: 'Healthy', sketches: [{ prompt: 'one' }], phase: 'Healthy' },
  { title: 'Degraded after a rollback', sketches: [{ prompt: 'one' }, { prompt: 'two [eval:failing]', evals: 'golden' }], phase: 'Degraded' },
  { title: 'Suspended', sketches: [{ prompt: 'one' }, { prompt: 'two', suspend: true }], phase: 'Suspended' },
];

export function appliedAgain(stage: Stage): void {
  describe.concurrent('the same manifest, applied again and again by Git', () => {
    it.each(standingPhases)('changes nothing while the release is $phase', async (standing: StandingPhase) => {
      const scene = await Scene.open(stage.cluster(), 'git');
      const before = await bringInto(scene, standing);
      await expectNoFight(scene, stage, standing.sketch);
      const after = await scene.get(releases, before.metadata.name);
      expect(phasesOf(after)).toEqual(phasesOf(before));
      expect((await scene.list(releases)).length, 'no other release began').toBe(standing.before === undefined ? 1 : 2);
    });

    it.each(ended)('changes nothing while the agent is $title', async ({ sketches, phase }) => {
      const scene = await Scene.open(stage.cluster(), 'git');
      for (const sketch of sketches) {
        await scene.applyAgent(sketch);
        await scene.untilAgent('it stands', (status) => status.phase === (sketch === sketches.at(-1) ? phase : 'Healthy'));
      }
      const writes = writesOf(scene, stage).length;
      const versions = await versionsOf(scene);
      await expectNoFight(scene, stage, sketches.at(-1) ?? {});
      expect(writesOf(scene, stage).slice(writes), 'nothing is written for it').toEqual([]);
      expect(await versionsOf(scene)).toEqual(versions);
    });
  });
}

/** Argo CD applies server-side, by force; others apply with kubectl, which keeps what it applied in an annotation. */
async function expectNoFight(scene: Scene, stage: Stage, sketch: AgentSketch): Promise<void> {
  const start = await scene.agent();
  const manifest = { ...agent(sketch), metadata: { name: 'support', namespace: scene.namespace } };
  const folder = await mkdtemp(join(tmpdir(), 'sluice-git-'));
  const file = join(folder, 'agent.json');
  await writeFile(file, JSON.stringify(manifest));
  for (let round = 0; round < rounds; round += 1) {
    await scene.admin.apply(agentDeployments, manifest, { fieldManager: 'argocd-controller', conflicts: 'force' }, call);
    await scene.kubectl('apply', '-f', file);
  }
  await rm(folder, { recursive: true, force: true });
  const end = await scene.agent();
  expect(end.metadata.generation, 'the spec is as Git has it').toBe(start.metadata.generation);
  expect(end.spec).toEqual(start.spec);
  expect(specWriters(end).toSorted()).toEqual(['argocd-controller', 'kubectl-client-side-apply', 'user']);
  expect(scene.requestsOf(stage.operator()).filter((request) => isWrite(request) && request.resource === 'agentdeployments')).toEqual([]);
}

/** Field managers that own anything of the agent outside of its status. */
function specWriters({ metadata }: AgentDeployment): string[] {
  const entries = (metadata as { readonly managedFields?: readonly { readonly manager: string; readonly subresource?: string }[] }).managedFields ?? [];
  return [...new Set(entries.filter(({ subresource }) => subresource !== 'status').map(({ manager }) => manager))];
}

function writesOf(scene: Scene, stage: Stage): string[] {
  return scene.requestsOf(stage.operator()).filter((request) => isWrite(request) && request.resource !== 'events').map(({ verb, resource }) => `${verb} ${resource}`);
}

/** Of what the operator owns; the status of a Deployment is news, not a change. */
async function versionsOf(scene: Scene): Promise<Record<string, string | number | undefined>> {
  const found = (await Promise.all(children.map((type) => scene.list(type)))).flat();
  return Object.fromEntries(found.map((object: KubeObject) => [`${object.kind} ${object.metadata.name}`, object.metadata.generation ?? object.metadata.resourceVersion]));
}
