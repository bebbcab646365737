import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lease, leases } from '../resources/cluster.ts';
import { eventually } from '../testing/eventually.ts';
import { FakeApi } from '../testing/fake-api.ts';
import { stealLease } from './testing/stolen-lease.ts';

const name = 'leading';
let api: FakeApi<Lease>;
let started: ChildProcess | undefined;

beforeEach(async () => {
  api = await FakeApi.start(leases);
});

afterEach(async () => {
  started?.kill('SIGKILL');
  await api.close();
});

describe('A process whose operator loses its lease', () => {
  it('ends its process with code 1, though a server of the program is open', async () => {
    const script = fileURLToPath(new URL('testing/leading-process.ts', import.meta.url));
    const child = spawn(process.execPath, [script, api.server.url], { stdio: ['ignore', 'ignore', 'pipe'] });
    started = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    await stealLease(api, name);
    await eventually('the process ends', () => child.exitCode !== null);
    expect({ code: child.exitCode, says: said.includes('the operator ended') }).toEqual({ code: 1, says: true });
  });
});
