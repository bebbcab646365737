import { readFile } from 'node:fs/promises';
import { type AgentBundle, type AgentDeployment, agentDeploymentSpec, type ModelProvider, modelProviderSpec, type Objective } from '@sluice/crds';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { countingOf } from '../../operator/src/evidence/selectors.ts';
import { type PodCounters, readPodCounters } from '../../operator/src/evidence/pod-counters.ts';
import { renderBundle } from '../../operator/src/revision/index.ts';
import { createHttpTransport, type HttpTransport } from '../../runtime/src/egress/transport.ts';
import { type PlayedRuntime, playBundle } from '../provider-outage/played-runtime.ts';
import { type RunningSimulator, startSimulator } from '../provider-simulator/running-simulator.ts';
import { exampleFiles } from '../story/manifests.ts';
import { type ExampleAgent, judgedAgent } from './judged-agent.ts';
import { FIRST, type ObjectiveCase, objectiveCases, prices, providerScript, type RevisionChange } from './objective-cases.ts';

const IN_CLUSTER = 'http://provider-simulator.sluice-demo.svc:8080';
const REQUESTS = 3;
const example = parseAllDocuments(await readFile(new URL(`../../${exampleFiles.v1}`, import.meta.url), 'utf8'))[0]!.toJS() as ExampleAgent;

let simulator: RunningSimulator;
let transport: HttpTransport;
const played: PlayedRuntime[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ script: { ...providerScript, latency: { fixedMs: 0 } } });
  transport = createHttpTransport();
});
afterEach(async () => {
  for (const one of played.splice(0)) await one.close();
});
afterAll(async () => {
  await transport.close();
  await simulator.close();
});

/** As the operator renders it, with the simulator of this test in place of that of the cluster. */
function bundleOf(one: ObjectiveCase, change: RevisionChange): AgentBundle {
  const agent = judgedAgent(example, one, change, { namespace: 'gateways', name: 'edge', address: '10.0.0.1', port: 80 }) as AgentDeployment;
  const spec = agentDeploymentSpec.parse(agent.spec);
  const provider = { metadata: { name: 'demo' }, spec: modelProviderSpec.parse({ kind: 'Anthropic', endpoint: IN_CLUSTER, prices }) } as ModelProvider;
  const bundle = renderBundle({ ...agent, spec }, provider, spec.agent.prompt.inline ?? '');
  return JSON.parse(JSON.stringify(bundle).replaceAll(IN_CLUSTER, simulator.url).replaceAll(new URL(IN_CLUSTER).hostname, '127.0.0.1')) as AgentBundle;
}

/** What the operator reads of a pod of that revision after some requests. */
async function countersOf(one: ObjectiveCase, change: RevisionChange, objective: Objective): Promise<PodCounters> {
  const runtime = await playBundle({ bundle: bundleOf(one, change), transport });
  played.push(runtime);
  for (let index = 0; index < REQUESTS; index += 1) {
    const answer = await runtime.app.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: one.question } } });
    expect(answer.statusCode).toBe(200);
  }
  return readPodCounters(await runtime.metrics.registry.metrics(), countingOf([objective]));
}

/** Of the bucket that all requests are in. */
function edgeOf({ costBuckets = [] }: PodCounters): number {
  const edges = costBuckets.filter(({ count }) => count === REQUESTS).map(({ le }) => le);
  expect(costBuckets.every(({ count }) => count === 0 || count === REQUESTS)).toBe(true);
  return Math.min(...edges);
}

describe.each(objectiveCases.filter(({ source }) => source === 'Pods'))('$name', (one) => {
  const objective: Objective = { name: one.name, ...one.objective };

  test('the runtime counts the worse revision as worse, and the one that is as good as no worse than the first', async () => {
    const [first, asGood, worse] = [await countersOf(one, FIRST, objective), await countersOf(one, one.asGood, objective), await countersOf(one, one.worse, objective)];
    if (one.objective.cost === undefined) {
      const total = REQUESTS;
      expect([first, asGood].map(({ events }) => events)).toEqual([[{ name: one.name, state: 'Counted', bad: 0, total }], [{ name: one.name, state: 'Counted', bad: 0, total }]]);
      expect(worse.events).toEqual([{ name: one.name, state: 'Counted', bad: total, total }]);
    } else {
      expect(edgeOf(asGood)).toBeLessThan(edgeOf(first));
      expect(edgeOf(worse)).toBeGreaterThan(2 * edgeOf(first));
    }
  });
});
