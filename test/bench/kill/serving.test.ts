import type { ConfigMap, Pod, Service } from '@sluice/kube';
import { expect, it } from 'vitest';
import { configurationText, servingOf } from './serving.ts';

const service = { kind: 'Service', metadata: { name: 'agent' }, spec: { selector: { app: 'agent' } } } as unknown as Service;
const configMap = (name: string, word: string): ConfigMap => ({ kind: 'ConfigMap', metadata: { name }, data: { 'prompt.md': configurationText(word) } }) as unknown as ConfigMap;

interface PodSketch {
  readonly tag?: string;
  readonly ready?: 'True' | 'False';
  readonly app?: string;
  readonly volumes?: readonly object[];
  readonly deletionTimestamp?: string;
}

function pod({ tag = 'v1', ready = 'True', app = 'agent', volumes = [{ configMap: { name: 'prompt' } }], deletionTimestamp }: PodSketch = {}): Pod {
  return {
    kind: 'Pod', metadata: { name: 'any', labels: { app, more: 'x' }, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { containers: [{ name: 'agent', image: `agent:${tag}` }], volumes }, status: { conditions: [{ type: 'Ready', status: ready }] },
  } as unknown as Pod;
}

it.each([
  ['ready pods', [pod(), pod({ tag: 'v2' }), pod()], { 'v1/one': 2, 'v2/one': 1 }],
  ['no pod that is not ready', [pod({ ready: 'False' })], {}],
  ['no pod that is on its way out', [pod({ deletionTimestamp: '2026-11-23T00:00:00Z' })], {}],
  ['no pod that no Service selects', [pod({ app: 'other' })], {}],
  ['what a projected volume brings', [pod({ volumes: [{ projected: { sources: [{ configMap: { name: 'prompt-2' } }] } }] })], { 'v1/two': 1 }],
  ['a pod without a configuration', [pod({ volumes: [] })], { 'v1/none': 1 }],
  ['a pod whose ConfigMap is gone', [pod({ volumes: [{ configMap: { name: 'gone' } }] })], { 'v1/none': 1 }],
])('counts %s', (_title, pods, serving) => {
  expect(servingOf({ pods, services: [service], configMaps: [configMap('prompt', 'one'), configMap('prompt-2', 'two')] })).toEqual(serving);
});

it('counts nothing where no Service says what it selects', () => {
  expect(servingOf({ pods: [pod()], services: [{ ...service, spec: {} }], configMaps: [] })).toEqual({});
});
