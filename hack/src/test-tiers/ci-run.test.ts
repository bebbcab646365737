import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const CI_RUN = fileURLToPath(new URL('../../../.ci/run', import.meta.url));
let clone: string;

beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'sluice-ci-'));
  await mkdir(join(clone, 'hack'));
  await mkdir(join(clone, 'tmp'));
  await cp(CI_RUN, join(clone, '.ci/run'));
});

afterEach(async () => {
  await rm(clone, { recursive: true, force: true });
});

interface Ended {
  readonly code: number | null;
  readonly lines: readonly string[];
}

/** Runs .ci/run with a ./hack/test of these commands; `stopWith` is sent once it has printed something. */
async function run(hackTest: string | undefined, stopWith?: NodeJS.Signals): Promise<Ended> {
  if (hackTest !== undefined) {
    await writeFile(join(clone, 'hack/test'), `#!/usr/bin/env bash\n${hackTest}\n`);
    await chmod(join(clone, 'hack/test'), 0o755);
  }
  const child = spawn(join(clone, '.ci/run'), [], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, CI: '', TMPDIR: join(clone, 'tmp') }, timeout: 60_000 });
  if (stopWith !== undefined) child.stdout.once('data', () => child.kill(stopWith));
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code: child.exitCode, lines: stdout.trimEnd().split('\n') };
}

test.each<[string, string | undefined, Ended]>([
  ['passes', 'echo "CI=$CI"; echo "12 passed, 0 failed"', { code: 0, lines: ['CI=true', '12 passed, 0 failed'] }],
  ['fails', 'echo "11 passed, 1 failed"; exit 1', { code: 1, lines: ['11 passed, 1 failed'] }],
  ['cannot begin, as when npm ci fails', 'echo "npm ci failed" >&2; exit 1', { code: 1, lines: ['0 passed, 1 failed'] }],
  ['breaks after a tier has counted', 'echo "3 passed, 0 failed"; echo "panic"; exit 134', { code: 134, lines: ['3 passed, 0 failed', 'panic', '0 passed, 1 failed'] }],
  ['breaks after its last line', 'echo "3 passed, 0 failed"; exit 139', { code: 139, lines: ['3 passed, 0 failed', '0 passed, 1 failed'] }],
  ['counts nothing and says that all is well', 'echo "bye"', { code: 1, lines: ['bye', '0 passed, 1 failed'] }],
  ['is not there', undefined, { code: 127, lines: ['0 passed, 1 failed'] }],
])('where ./hack/test %s', async (_title, hackTest, ended) => {
  expect(await run(hackTest)).toEqual(ended);
  expect(await readdir(join(clone, 'tmp'))).toEqual([]);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('stopped by %s it ends the tests, and its last line is a failure', async (signal) => {
  const { code, lines } = await run(`trap 'echo ended; exit 130' TERM; echo begun; while :; do sleep 0.1; done`, signal);
  expect(code).toBe(130);
  expect(lines).toEqual(['begun', 'ended', '0 passed, 1 failed']);
  expect(await readdir(join(clone, 'tmp'))).toEqual([]);
});
