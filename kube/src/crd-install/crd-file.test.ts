import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { gadgetDefinition } from '../testing/gadgets.ts';
import { readCrdFile } from './crd-file.ts';

const definition = gadgetDefinition('file');
const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } };
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crd-file-'));
  path = join(folder, 'crd.yaml');
});

afterEach(() => rm(folder, { recursive: true }));

function several(...documents: unknown[]): string {
  return documents.map((document) => `---\n${stringify(document)}`).join('');
}

it('reads the one definition, empty documents or JSON around it', async () => {
  await writeFile(path, `# generated\n---\n${stringify(definition)}---\n`);
  expect(await readCrdFile(path)).toEqual(definition);
  await writeFile(path, JSON.stringify(definition));
  expect(await readCrdFile(path)).toEqual(definition);
});

it('says that there is no such file, and where it looked', async () => {
  const missing = join(folder, 'none.yaml');
  await expect(readCrdFile(missing)).rejects.toMatchObject({ name: 'CrdInstallError', reason: 'Invalid', crd: missing, message: expect.stringContaining('there is no such file') });
  await expect(readCrdFile(folder)).rejects.toThrow('the file cannot be read');
});

it.each([
  [several(map), "document 1 is v1 ConfigMap 'settings'"],
  [several(definition, map), `2 documents (1: apiextensions.k8s.io/v1 CustomResourceDefinition '${definition.metadata.name}', 2: v1 ConfigMap 'settings')`],
  ['', '0 documents; leave one'],
  ['just text', 'document 1 is no object but a string'],
  ['[1]', 'no object but a list'],
  ['a: 1', 'an object without a kind'],
  ['kind: List', 'document 1 is List;'],
  [`${stringify(definition)}---\na: [1`, 'document 2 is no YAML'],
  [stringify({ ...definition, spec: { ...definition.spec, group: '' } }), 'document 1 is no valid definition'],
])('names the file, the document and what was found: %#', async (text, message) => {
  await writeFile(path, text);
  const refused = expect(readCrdFile(path)).rejects;
  await refused.toThrow(message);
  await expect(readCrdFile(path)).rejects.toThrow(path);
});
