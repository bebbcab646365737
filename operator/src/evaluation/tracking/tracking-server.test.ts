import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@sluice/kube';
import type { TrackedRun } from '@sluice/evals/mlflow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mlflowTracking } from './tracking-server.ts';

const run: TrackedRun = { experiment: 'sluice/shop/golden', name: 'golden support@r1', startedAt: 1, endedAt: 2, params: {}, metrics: { cases: 1 }, tags: {}, artifacts: [], key: 'uid-1' };
const { signal } = new AbortController();

function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-login-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** As much of a tracking server as a run without reports needs; `status` for every call. */
async function played(status = 200): Promise<{ readonly url: string; readonly headers: IncomingHttpHeaders[] }> {
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    headers.push(request.headers);
    const info = { run_id: 'run1' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ experiment: { experiment_id: '7' }, run: { info }, echo: request.headers.authorization }));
  });
  return { ...(await listening(server)), headers };
}

async function listening(server: Server): Promise<{ readonly url: string }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe('the MLflow server of the operator', () => {
  it.each([
    ['a token', { token: 'tok-1\n' }, 'Bearer tok-1'],
    ['a name and a password', { username: 'ada\n', password: 'pw\n' }, `Basic ${Buffer.from('ada:pw').toString('base64')}`],
  ])('is told a run with %s', async (_title, files, authorization) => {
    const { url, headers } = await played();
    expect(await mlflowTracking({ url, loginFolder: folderOf(files) }, systemClock).tell(run, signal)).toMatchObject({ kind: 'Told', page: `${url}/#/experiments/7/runs/run1` });
    expect(new Set(headers.map((each) => each.authorization))).toEqual(new Set([authorization]));
  });

  it('that refuses the login is told of by a sentence without it', async () => {
    const { url } = await played(403);
    const told = await mlflowTracking({ url, loginFolder: folderOf({ token: 'tok-secret' }) }, systemClock).tell(run, signal);
    expect(told).toEqual({ kind: 'NotTold', problem: expect.stringContaining('with HTTP 403: look at the Secret mlflow.loginSecret of the chart') });
    expect(JSON.stringify(told)).not.toContain('tok-secret');
  });

  it('that answers without an end is told of, and not kept in memory', async () => {
    let sent = 0;
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(65_536, ' ');
      const write = (): void => {
        while (!response.destroyed && sent < 64 * 1_048_576) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end('{}');
      };
      write();
    });
    const { url } = await listening(server);
    expect(await mlflowTracking({ url }, systemClock).tell(run, signal)).toEqual({ kind: 'NotTold', problem: `the MLflow server at ${url} answered with more than 1 MiB, which no MLflow server does: check the address` });
    // What the connection holds on its way is beside the bound.
    expect(sent).toBeLessThan(64 * 1_048_576);
  });

  it.each([
    ['is not there', { url: 'http://127.0.0.1:9' }, 'the MLflow server at http://127.0.0.1:9 cannot be reached'],
    ['has a login without a part', { url: 'http://127.0.0.1:9', login: { username: 'ada' } }, 'username is set and password is not: set both or none'],
    ['has a Secret of something else', { url: 'http://127.0.0.1:9', login: { other: 'x' } }, 'has neither a key "token" nor the keys "username" and "password"'],
    ['has an authority that is not there', { url: 'http://127.0.0.1:9', caFile: '/nonexistent/ca.crt' }, 'the CA file of the MLflow server cannot be read'],
  ])('that %s is told of by a sentence', async (_title, { login, ...endpoint }: { url: string; login?: Readonly<Record<string, string>>; caFile?: string }, problem) => {
    const loginFolder = login === undefined ? undefined : folderOf(login);
    expect(await mlflowTracking({ ...endpoint, loginFolder }, systemClock).tell(run, signal)).toEqual({ kind: 'NotTold', problem: expect.stringContaining(problem) });
  });
});
