import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const root = new URL('../../../', import.meta.url);
const tests = [
  'operator/src/release/remedies.test.ts', 'operator/src/release/paused-test.test.ts', 'operator/src/agent/release-step/carried-evidence.test.ts', 'operator/src/operator.test.ts', 'kube/src/clock-server.test.ts',
  'operator/src/gates/sequential/early-harm.test.ts', 'operator/src/agent/release-step/longest-request.test.ts', 'operator/src/evidence/pod-memory.test.ts',
  'operator/src/gates/sequential/outage-before.test.ts', 'operator/src/gates/sequential/sentence.test.ts', 'operator/src/release/hung-pods.test.ts', 'operator/src/evidence/counting-source.test.ts',
];

test('every test that docs/gates.md names for a way in which the promise breaks is there', async () => {
  const docs = await readFile(new URL('docs/gates.md', root), 'utf8');
  const sources = (await Promise.all(tests.map((file) => readFile(new URL(file, root), 'utf8')))).join('\n');
  const [, section = ''] = docs.split('## What breaks the promise');
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| what |'));
  const names = rows.flatMap((row) => [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
  expect(rows).toHaveLength(18);
  expect(names.filter((name) => ![`'${name}`, `"${name}`].some((quoted) => sources.includes(quoted)))).toEqual([]);
  for (const file of tests) expect(docs).toContain(file);
});
