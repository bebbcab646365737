import type { ConfigMap } from '@sluice/kube';
import { expect, it } from 'vitest';
import { lackingFile } from './lacking-file.ts';

const suite = { name: 'nofile', casesFrom: [{ persistentVolumeClaim: { claimName: 'suites', path: 'a.jsonl' } }, { configMap: { name: 'nothere', key: 'cases.jsonl' } }] };
const holding = (content: Pick<ConfigMap, 'data' | 'binaryData'> | undefined) => (): ConfigMap | undefined => (content === undefined ? undefined : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'nothere' }, ...content });

it.each<[string, Pick<ConfigMap, 'data' | 'binaryData'> | undefined, string | undefined]>([
  ['a ConfigMap that does not exist', undefined, 'ConfigMap "nothere" does not exist in this namespace (spec.casesFrom[1].configMap.name of EvalSuite "nofile"); create it'],
  ['a key that it has not', { data: { 'case.jsonl': '' }, binaryData: { b: '' } }, 'ConfigMap "nothere" has no key "cases.jsonl" (spec.casesFrom[1].configMap.key of EvalSuite "nofile"); it has case.jsonl, b'],
  ['a ConfigMap without keys', {}, 'ConfigMap "nothere" has no key "cases.jsonl" (spec.casesFrom[1].configMap.key of EvalSuite "nofile"); it has none'],
  ['nothing', { data: { 'cases.jsonl': '{}' } }, undefined],
  ['nothing of a compressed file', { binaryData: { 'cases.jsonl': '' } }, undefined],
])('names %s', (_title, content, sentence) => {
  expect(lackingFile(suite, holding(content))).toBe(sentence);
});

it('is silent about a suite without files', () => {
  expect(lackingFile({ name: 'golden' }, holding(undefined))).toBeUndefined();
});
