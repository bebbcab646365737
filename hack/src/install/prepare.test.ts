import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const INSTALL_ALL = `mkdir -p node_modules/node/bin node_modules/.bin
touch node_modules/node/bin/node
cp package-lock.json node_modules/.package-lock.json
printf '#!/bin/sh\\necho "main got $*"\\n' > node_modules/.bin/node && chmod +x node_modules/.bin/node`;
let clone: string;

/** A clone with the real scripts, a lock file of one package, and a machine whose npm is a script. */
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'sluice-prepare-'));
  for (const path of ['hack/up', 'hack/down', 'hack/test', 'hack/src/install/prepare.sh', 'hack/src/install/dependencies-match.mjs']) await cp(join(REPOSITORY, path), join(clone, path));
  for (const command of ['up', 'down', 'test-tiers']) await cp(join(REPOSITORY, 'hack/src', command, 'help.txt'), join(clone, 'hack/src', command, 'help.txt'));
  await writeFile(join(clone, 'package-lock.json'), JSON.stringify({ packages: { 'node_modules/zod': { version: '4.0.0' } } }));
  await mkdir(join(clone, 'bin'));
  await symlink(process.execPath, join(clone, 'bin/node'));
});

afterEach(async () => {
  await rm(clone, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(npm: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  await writeFile(join(clone, 'bin/npm'), `#!/bin/sh\necho "$*" >> calls\n${npm}\n`);
  await chmod(join(clone, 'bin/npm'), 0o755);
  return new Promise((resolve) => {
    const settings = { cwd: clone, timeout: 60_000, env: { ...process.env, ...env, PATH: `${join(clone, 'bin')}:${process.env['PATH']}` } };
    const child = execFile(join(clone, 'hack', command), [...args], settings, (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }));
  });
}

test.each([
  ['up', ['--help'], 'up/help.txt'],
  ['up', ['--name', 'x', '-h'], 'up/help.txt'],
  ['down', ['-h'], 'down/help.txt'],
  ['test', ['--help'], 'test-tiers/help.txt'],
])('./hack/%s %j prints its help and installs nothing', async (command, args, file) => {
  const { code, stdout } = await run('exit 1', command, args);
  expect(code).toBe(0);
  expect(stdout).toBe(await readFile(join(REPOSITORY, 'hack/src', file), 'utf8'));
  expect((await readdir(clone)).toSorted()).toEqual(['bin', 'hack', 'package-lock.json']);
});

test('npm ci installs what is missing, once, and leaves nothing in the state folder', async () => {
  const first = await run(INSTALL_ALL, 'up', ['--name', 'x']);
  expect(first).toMatchObject({ code: 0, stdout: 'main got hack/src/up/main.ts --name x\n' });
  expect(first.stderr).toContain('ok   install dependencies');
  await run(INSTALL_ALL, 'down', []);
  expect(await readFile(join(clone, 'calls'), 'utf8')).toBe('ci --no-audit --no-fund\n');
  expect(await readdir(clone)).not.toContain('.cluster');
});

test('an npm ci that fails ends the script with the end of its log', async () => {
  const { code, stderr } = await run('echo "E404 no such package"; exit 7', 'test', []);
  expect(code).toBe(1);
  expect(stderr).toContain('E404 no such package');
  expect(stderr).toContain(`the whole log is in ${join(clone, '.cluster/npm-ci.log')}`);
});

test('an npm ci that takes long says that it is at work', async () => {
  const { code, stderr } = await run(`sleep 2.5\n${INSTALL_ALL}`, 'up', [], { SLUICE_NPM_CI_BEAT_SECONDS: '1' });
  expect(code).toBe(0);
  expect(stderr.split('\n').filter((line) => /^\.\. {3}install dependencies \(npm ci\) \d s$/.test(line)).length).toBeGreaterThanOrEqual(1);
  expect(stderr).toMatch(/ok {3}install dependencies \(\d+ s\)\n$/);
});

test('an npm ci that hangs is ended', async () => {
  const { code, stderr } = await run('exec sleep 600', 'down', [], { SLUICE_NPM_CI_SECONDS: '1' });
  expect(code).toBe(1);
  expect(stderr).toContain('npm ci did not end within 1 s');
});
