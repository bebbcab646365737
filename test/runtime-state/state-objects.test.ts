import { agentDeploymentSpec } from '@sluice/crds';
import { expect, test } from 'vitest';
import { accessFile } from '../../runtime/src/server/access/access-file.ts';
import { accessSecret, agentObject, SERVER, storeObjects, WORKER } from './state-objects.ts';

test.each([[SERVER, 'Service'], [WORKER, 'Worker']] as const)('%s is an agent that the schema takes, over both servers and for named callers', (name, mode) => {
  const spec = agentDeploymentSpec.parse(agentObject(name, 'Help.').spec);
  expect(spec).toMatchObject({ mode, replicas: 2, jobs: { concurrency: 3 }, access: { keysSecretRef: { name: 'callers' } } });
  expect(Object.keys(spec.state ?? {}).toSorted()).toEqual(['postgres', 'redis']);
  expect(spec.agent.tools?.[0]).toMatchObject({ effect: 'Write', idempotent: true });
});

test('both keys are of one person, so what belongs to her stays hers', () => {
  const { stringData } = accessSecret(['first', 'second']) as { readonly stringData: Readonly<Record<string, string>> };
  const { keys } = accessFile.parse(JSON.parse(stringData['access.json'] ?? ''));
  expect(keys.map(({ id, subject }) => [id, subject])).toEqual([['ann-first', 'ann'], ['ann-second', 'ann']]);
});

test('the Secrets of the servers name their Services', () => {
  const objects = storeObjects('image') as readonly { readonly kind: string; readonly metadata: { readonly name: string }; readonly stringData?: Readonly<Record<string, string>> }[];
  const services = objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => `${metadata.name}.sluice-state.svc`);
  expect(objects.flatMap(({ stringData }) => (stringData === undefined ? [] : [new URL(stringData['url'] ?? '').hostname]))).toEqual(services);
});
