import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { generatedMark, type GeneratedFiles } from './generated-files.ts';
import { runGenerator } from './run.ts';

const first = `# ${generatedMark} Source: here\n`;
const files: GeneratedFiles = new Map([
  ['out/a.yaml', `${first}a: 1\n`],
  ['out/b.yaml', `${first}b: 1\n`],
]);

let root: string;
let printed: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'sluice-generate-'));
  printed = '';
});

afterEach(() => rm(root, { recursive: true }));

function run(...args: string[]): Promise<0 | 1 | 2> {
  return runGenerator({ root, files, args, print: (text) => (printed += text) });
}

describe('without arguments', () => {
  it('writes what is missing and says so', async () => {
    expect(await run()).toBe(0);
    expect(await readFile(path.join(root, 'out/a.yaml'), 'utf8')).toBe(`${first}a: 1\n`);
    expect(printed).toBe('written: out/a.yaml\nwritten: out/b.yaml\n2 generated files are up to date\n');
  });

  it('writes nothing the second time', async () => {
    await run();
    printed = '';
    expect(await run()).toBe(0);
    expect(printed).toBe('2 generated files are up to date\n');
  });

  it('deletes what it generated once, and only that', async () => {
    await run();
    await writeFile(path.join(root, 'out/old.yaml'), `${first}old: 1\n`);
    await writeFile(path.join(root, 'out/mine.yaml'), '# by hand\n');
    await writeFile(path.join(root, 'out/others.yaml'), `# ${generatedMark} Source: another generator\n`);
    printed = '';
    expect(await run()).toBe(0);
    expect(printed).toBe('deleted: out/old.yaml\n2 generated files are up to date\n');
    expect(await readFile(path.join(root, 'out/mine.yaml'), 'utf8')).toBe('# by hand\n');
  });
});

describe('--check', () => {
  it('is content with what is up to date', async () => {
    await run();
    expect(await run('--check')).toBe(0);
  });

  it('names what is missing, changed and left over, and touches nothing', async () => {
    await run();
    await rm(path.join(root, 'out/a.yaml'));
    await writeFile(path.join(root, 'out/b.yaml'), 'edited\n');
    await writeFile(path.join(root, 'out/old.yaml'), `${first}old: 1\n`);
    printed = '';
    expect(await run('--check')).toBe(1);
    expect(printed).toBe('missing: out/a.yaml\nout of date: out/b.yaml\nno longer generated: out/old.yaml\nRun "npm run generate" and commit the result.\n');
    expect(await readFile(path.join(root, 'out/b.yaml'), 'utf8')).toBe('edited\n');
  });
});

describe('arguments', () => {
  it('refuses what it does not know, before it writes', async () => {
    expect(await run('--chek')).toBe(2);
    expect(printed).toMatch(/^Unknown argument "--chek"\.[\s\S]*Usage: node crds/);
    expect(await run('--check')).toBe(1);
  });

  it('explains itself', async () => {
    expect(await run('--help')).toBe(0);
    expect(printed).toContain('--check   write nothing; exit with 1');
  });
});
