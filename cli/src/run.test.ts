import { describe, expect, it } from 'vitest';
import { recorded } from './fixtures/recorded-surroundings.ts';
import { commands, run } from './run.ts';

const provider = 'apiVersion: sluice.dev/v1alpha1\nkind: ModelProvider\nmetadata: { name: p }\nspec: { kind: OpenAI, endpoint: http://x }\n';
const files = { 'folder/a.yaml': provider, 'folder/b.yaml': provider, 'good.yaml': provider, 'pair/a.yaml': provider, 'pair/b.yaml': provider.replace('name: p', 'name: q').replace('http://x', 'http://x, apiKeySecretRef: { name: k, key: v }'), 'bad.yaml': provider.replace('OpenAI', 'openai'), '-': `${provider}---\napiVersion: v1\nkind: Secret\n`, 'nothing.yaml': '', 'commented.yaml': '# later\n---\n---\n', 'mixed/a.yaml': provider, 'mixed/b.yaml': '# later\n', 'blank/a.yaml': '', 'blank/b.yaml': '---\n', 'spaced.yaml': `---\n# first\n---\n${provider}---\n` };

async function ran(...args: readonly string[]) {
  const { surroundings, stdout, stderr } = recorded({ files });
  const code = await run(args, surroundings);
  return { code, stdout: stdout(), stderr: stderr() };
}

describe('help', () => {
  it.each([[['--help']], [['-h']], [['help']]])('%j lists every command', async (args) => {
    const { code, stdout } = await ran(...args);
    expect(code).toBe(0);
    for (const { name, summary } of commands) expect(stdout).toContain(`${name.padEnd(9)}${summary}`);
  });

  it.each(commands)('of $name names its options and exit codes', async ({ name, help }) => {
    for (const args of [[name, '--help'], [name, 'x', '-h'], ['help', name]]) {
      expect(await ran(...args)).toEqual({ code: 0, stdout: `${help}\n`, stderr: '' });
    }
    expect(help).toContain(`Usage: kubectl sluice ${name}`);
    expect(help).toContain('--help');
    expect(help).toContain('Exit code: 0');
    expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(130);
  });
});

describe('a wrong command line ends with 64 and one line', () => {
  it.each([
    [['stauts'], 'there is no command "stauts"'],
    [['status'], 'NAME is missing'],
    [['history', 'a', '--watch'], "Unknown option '--watch'"],
    [['status', 'a', '-o', 'yaml'], '--output "yaml" is not known: write json'],
    [['status', 'a', '-w', '-o', 'json'], '--output json does not go with --watch'],
    [['status', 'a', '--timeout', '5s'], '--timeout goes with --watch'],
    [['status', 'a', '-w', '--timeout', 'soon'], '--timeout "soon" is no span of time'],
    [['promote'], 'NAME is missing'],
    [['pause', 'a', '--full'], "Unknown option '--full'"],
    [['promote', 'a', '--timeout', '0s'], '--timeout "0s" is no span of time'],
    [['abort', 'a', '--revision', 'R 1'], '--revision "R 1" is no revision'],
    [['undo', 'a', '--to-revision', '../x'], '--to-revision "../x" is no revision'],
    [['abort', 'a', '--note', 'x'.repeat(1025)], '--note has 1025 characters'],
    [['lint'], '-f FILE is missing'],
    [['lint', 'good.yaml'], '"good.yaml" is one argument too many'],
    [['version', 'x'], '"x" is one argument too many'],
  ])('%j', async (args, says) => {
    const { code, stdout, stderr } = await ran(...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('without a command shows what there is', async () => {
    expect(await ran()).toMatchObject({ code: 64, stdout: '', stderr: expect.stringContaining('Commands:') });
  });
});

describe('lint', () => {
  it.each([
    [['-f', 'good.yaml'], 0, '', '1 manifest checked, 0 problems\n'],
    [['-f', '-'], 0, '', '<stdin>: document 2, Secret: not checked: v1 Secret is no kind of sluice.dev\n1 manifest checked, 0 problems\n'],
    [['-f', 'good.yaml', '-f', 'bad.yaml'], 1, 'bad.yaml: document 1, ModelProvider/p: spec.kind is "openai": write one of "Anthropic", "OpenAI", "Ollama"\n', '2 manifests checked, 1 problem\n'],
    [['-f', 'folder'], 0, '', '2 manifests checked, 0 problems\n'],
    [['-f', 'pair'], 0, '', 'pair/b.yaml: document 1, ModelProvider/q: warning: spec.apiKeySecretRef: no file here has Secret "k"; is it in the cluster?\n2 manifests checked, 0 problems, 1 warning\n'],
    [['-f', 'nothing.yaml'], 1, 'nothing.yaml: it holds no manifest, only comments or nothing at all: write one, or leave the file out\n', '0 manifests checked, 1 problem\n'],
    [['-f', 'good.yaml', '-f', 'commented.yaml'], 1, 'commented.yaml: it holds no manifest, only comments or nothing at all: write one, or leave the file out\n', '1 manifest checked, 1 problem\n'],
    [['-f', 'blank'], 1, 'blank/a.yaml: it holds no manifest, only comments or nothing at all: write one, or leave the file out\nblank/b.yaml: it holds no manifest, only comments or nothing at all: write one, or leave the file out\n', '0 manifests checked, 2 problems\n'],
    [['-f', 'mixed'], 0, '', 'mixed/b.yaml: warning: it holds no manifest, only comments or nothing at all: write one, or leave the file out\n1 manifest checked, 0 problems, 1 warning\n'],
    [['-f', 'spaced.yaml'], 0, '', '1 manifest checked, 0 problems\n'],
    [['-f', 'empty/'], 66, '', 'kubectl sluice: folder "empty/" and its subfolders hold no manifest: name one with files that end in .yaml, .yml or .json by -f\n'],
    [['-f', 'none.yaml'], 66, '', 'kubectl sluice: cannot read "none.yaml": ENOENT: no such file, none.yaml; check the path given by -f\n'],
  ])('%j', async (args, code, stdout, stderr) => {
    expect(await ran('lint', ...args)).toEqual({ code, stdout, stderr });
  });
});

it('the version is that of the package', async () => {
  expect(await ran('version')).toEqual({ code: 0, stdout: 'kubectl-sluice 0.1.0, API sluice.dev/v1alpha1\n', stderr: '' });
});
