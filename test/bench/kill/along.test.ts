import type { KubeObject } from '@sluice/kube';
import { expect, it } from 'vitest';
import { alongOf, type Change, type Moment, momentsOf } from './along.ts';
import { configurationText } from './serving.ts';

const moment = (version: number, serving: Moment['serving']): Moment => ({ version: String(version), serving });
const expectation = { asked: 4, failed: 'v2', faces: ['v1/one', 'v2/two'] };

it('takes the fewest ready pods from the first time on that there were as many as asked', () => {
  const { fewest } = alongOf([moment(1, { 'v1/one': 1 }), moment(2, { 'v1/one': 4 }), moment(3, { 'v1/one': 2, 'v2/two': 1 }), moment(4, { 'v1/one': 4 })], expectation);
  expect(fewest).toBe(3);
  expect(alongOf([moment(1, { 'v1/one': 3 })], expectation).fewest).toBeUndefined();
});

it('counts when what a person took back has more pods than before', () => {
  const moments = [moment(1, { 'v1/one': 4 }), moment(5, { 'v1/one': 3, 'v2/two': 1 }), moment(11, { 'v1/one': 4 }), moment(12, { 'v1/one': 3, 'v2/two': 2 }), moment(13, { 'v1/one': 4 })];
  expect(alongOf(moments, { ...expectation, takenBackAt: '10' })).toMatchObject({ returns: 1, mostFailed: 2 });
  expect(alongOf(moments, { ...expectation, takenBackAt: '12' })).toMatchObject({ returns: 0 });
  expect(alongOf(moments, expectation)).toMatchObject({ returns: 0 });
});

it('tells of an image with a configuration that it was never wished with', () => {
  expect(alongOf([moment(1, { 'v1/one': 4 }), moment(2, { 'v1/two': 4 }), moment(3, { 'v1/two': 3, 'v2/two': 1 })], expectation).unwished).toEqual(['v1/two']);
});

const object = (kind: string, name: string, rest: object): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'a', labels: { app: 'agent' } }, ...rest });
const pod = (name: string): KubeObject => object('Pod', name, {
  spec: { containers: [{ image: 'agent:v1' }], volumes: [{ configMap: { name: 'prompt' } }] }, status: { conditions: [{ type: 'Ready', status: 'True' }] },
});
const prompt = (word: string): KubeObject => object('ConfigMap', 'prompt', { data: { text: configurationText(word) } });
const set = (version: number, changed: KubeObject): Change => ({ version: String(version), what: 'set', object: changed });

it('puts the changes of all kinds into the order of their versions, and tells of no moment in which nothing changed', () => {
  const changes = [set(8, prompt('one')), set(9, pod('a')), set(11, pod('b')), set(7, object('Service', 'agent', { spec: { selector: { app: 'agent' } } })), set(10, pod('a')), set(12, prompt('two')), { version: '13', what: 'gone', object: pod('b') } as const];
  expect(momentsOf(changes)).toEqual([
    { version: '9', serving: { 'v1/one': 1 } }, { version: '11', serving: { 'v1/one': 2 } }, { version: '12', serving: { 'v1/two': 2 } }, { version: '13', serving: { 'v1/two': 1 } },
  ]);
});
