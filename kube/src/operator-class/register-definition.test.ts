import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectionTo } from '../testing/connection.ts';
import { gadgetDefinition, gadgetVersion } from '../testing/gadgets.ts';
import { answer, ScriptedServer } from '../testing/scripted-server.ts';
import { Operator } from './operator.ts';

const release = { annotation: 'x.dev/release', value: '1', order: 'number' } as const;
const own = gadgetDefinition('register');
const newer = gadgetDefinition('register', [gadgetVersion('v1', { storage: false }), gadgetVersion('v2')]);
let folder: string;
let server: ScriptedServer;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'register-'));
  server = await ScriptedServer.listen({ script: (_request, response) => answer(response, 200, {
    ...newer, metadata: { ...newer.metadata, annotations: { [release.annotation]: '2' } }, status: { conditions: [{ type: 'NamesAccepted', status: 'True' }, { type: 'Established', status: 'True' }] },
  }) });
});

afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

it('returns what a newer release has installed, and warns', async () => {
  const path = join(folder, 'crd.json');
  await writeFile(path, JSON.stringify(own));
  const warned: string[] = [];
  const versions: string[] = [];
  class Registering extends Operator {
    protected async init(): Promise<void> {
      versions.push(...(await this.registerCustomResourceDefinition(path, { release })).versions.map(({ name }) => name));
    }
  }
  const operator = new Registering({ debug() {}, info() {}, error() {}, warn: (message) => void warned.push(message) }, { connection: connectionTo(server.url) });
  await operator.start();
  operator.stop();
  await operator.finished();
  expect(versions).toEqual(['v1', 'v2']);
  expect(warned).toEqual([expect.stringContaining('a newer release has installed the definition')]);
  expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
});
