import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCode } from '../exit-code.ts';
import { agentYaml, providerYaml, suiteYaml } from '../fixtures/eval-manifests.ts';
import { type Asked, type Loopback, sendJson, startLoopback } from '../fixtures/loopback.ts';
import { recorded } from '../fixtures/recorded-surroundings.ts';
import { manifestFiles } from '../lint/manifest-files.ts';
import { run } from '../run.ts';
import { workingFiles } from '../working-files.ts';
import { runRuntime } from './runtime-process.ts';

/** Processes take a while to start on a machine that does other things too. */
const processTimeout = 120_000;

/** With a judge that has an example of each label. */
const judgedSuite = `${suiteYaml}  judge:
    model: judge-1
    examples:
      - { input: "May I return it?", answer: "Whatever you like.", rubric: "It names the days.", label: Fail }
      - { input: "May I return it?", answer: "For 30 days.", rubric: "It names the days.", label: Pass }
`.replace('contains: ["30 days"]', 'judge: { rubric: "It names the days." }');

const folders: string[] = [];
const servers: Loopback[] = [];

beforeEach(async () => {
  folders.unshift(await mkdtemp(join(tmpdir(), 'sluice-laptop-')));
});

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

function reply(text: string): object {
  return { id: 'msg_1', type: 'message', role: 'assistant', model: 'model-1', content: [{ type: 'text', text }], stop_reason: 'end_turn', stop_sequence: null, usage: { input_tokens: 1, output_tokens: 1 } };
}

/** A model that does what its prompt says of returns. */
async function provider(answer: (asked: Asked) => string): Promise<Loopback> {
  const server = await startLoopback((asked, response) => sendJson(response, 200, reply(answer(asked))));
  servers.push(server);
  return server;
}

async function files(contents: Readonly<Record<string, string>>): Promise<(name: string) => string> {
  const folder = folders[0] ?? '';
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}

async function laptop(args: readonly string[]) {
  const { surroundings, stdout, stderr } = recorded({ env: { SLUICE_PROVIDER_API_KEY: 'sk-very-secret', PATH: '/usr/bin' } });
  const readText = (path: string): Promise<string> => readFile(path, 'utf8');
  const code = await run(['eval', 'run', '--local', ...args], { ...surroundings, readFile: readText, manifestFiles, files: workingFiles, runRuntime });
  return { code, stdout: stdout(), said: stdout() + stderr() };
}

const good = ({ body }: Asked): string => (body.includes('30 days') ? 'Within 30 days.' : 'Never.');

describe('eval run with the runtime of this repository', { timeout: processTimeout }, () => {
  it('asks the real agent, and the stable one, once: what was kept is not asked again', async () => {
    const server = await provider(good);
    const at = await files({
      'agent.yaml': agentYaml({ prompt: 'Returns: never.' }),
      'stable.yaml': agentYaml({ prompt: 'Returns: within 30 days.' }),
      'provider.yaml': providerYaml.replace('http://127.0.0.1:9', server.url),
      'suite.yaml': suiteYaml,
    });
    const args = ['-f', at('agent.yaml'), '-f', at('provider.yaml'), '--suite', at('suite.yaml'), '--baseline', at('stable.yaml'), '--margin', '99', '--results', at('kept'), '--out', at('junit.xml'), '--markdown', at('report.md')];
    const first = await laptop(args);
    expect([first.code, server.asked.length]).toEqual([exitCode.bad, 4]);
    expect(first.stdout).toContain('no hard case may fail, but 1 did: returns (does not hold "30 days")');
    expect(await readFile(at('report.md'), 'utf8')).toContain('| returns | Failed (hard) | Passed | does not hold "30 days" |');
    expect(await readdir(at('kept'))).toHaveLength(2);
    const again = await laptop(args);
    expect([again.code, again.stdout, server.asked.length]).toEqual([first.code, first.stdout, 4]);
    const texts = await Promise.all(['junit.xml', 'report.md'].map((name) => readFile(at(name), 'utf8')));
    expect([first.said, again.said, ...texts].join('\n')).not.toMatch(/sk-very-secret|How long|Within 30|Tell me/);
  });

  it.each([
    ['once for both agents', '', 2],
    ['again at another provider', '/other', 4],
  ])('tries the judge %s', async (_, path, trials) => {
    const isExample = ({ body }: Asked): boolean => body.includes('May I return it?');
    const server = await provider((asked) => (asked.body.includes('You judge whether') ? (asked.body.includes('Whatever you like.') ? 'FAIL' : 'PASS') : good(asked)));
    const providerAt = (url: string) => providerYaml.replace('http://127.0.0.1:9', url);
    const at = await files({ 'agent.yaml': `${agentYaml({ prompt: 'Returns: within 30 days.' })}---\n${providerAt(server.url)}`, 'stable.yaml': `${agentYaml()}---\n${providerAt(`${server.url}${path}`)}`, 'suite.yaml': judgedSuite });
    const { said } = await laptop(['-f', at('agent.yaml'), '--suite', at('suite.yaml'), '--baseline', at('stable.yaml'), '--margin', '99']);
    expect(said).toMatch(/candidate: the judge finds 1 of 1 .*\n(.*\n)*baseline: the judge finds 1 of 1 /);
    expect(server.asked.filter(isExample)).toHaveLength(trials);
    // Two questions to each agent, and a judgement of one answer of each.
    expect(server.asked).toHaveLength(6 + trials);
  });

  it.each<readonly [string, (asked: Asked) => number, string]>([
    ['is down', () => 400, 'expect.judge has no judge: the judge gave no judgement of its examples: The model provider does not accept the request (HTTP 400)'],
    ['disagrees with people', () => 200, 'expect.judge has no judge: the judge finds only 0 of 1 (0 to 98 %) bad examples, minSensitivityPercent is 80'],
  ])('says in every report that the judge %s, and nothing of what was asked and answered', async (_, status, sentence) => {
    const server = await startLoopback((asked, response) => (asked.body.includes('You judge whether') ? sendJson(response, status(asked), status(asked) === 200 ? reply('PASS') : { error: { message: 'not with How long' } }) : sendJson(response, 200, reply('Within 30 days.'))));
    servers.push(server);
    const at = await files({ 'agent.yaml': `${agentYaml()}---\n${providerYaml.replace('http://127.0.0.1:9', server.url)}`, 'suite.yaml': judgedSuite });
    const { code, stdout, said } = await laptop(['-f', at('agent.yaml'), '--suite', at('suite.yaml'), '--out', at('junit.xml'), '--markdown', at('report.md')]);
    expect(code).toBe(exitCode.notMeasured);
    const [junit = '', markdown = ''] = await Promise.all(['junit.xml', 'report.md'].map((name) => readFile(at(name), 'utf8')));
    expect(stdout).toContain(`1 case has no result, which could change the verdict; not passed: returns (${sentence})`);
    expect(stdout).toContain(`returns (hard): no result: ${sentence}`);
    expect(junit).toContain(`<error type="hard" message="${sentence}"/>`);
    expect(markdown.replaceAll('\\', '')).toContain(`| returns | Errored (hard) | ${sentence} |`);
    expect([said, junit, markdown].join('\n')).not.toMatch(/sk-very-secret|How long|Within 30|Whatever you like/);
  });

  it('says where it looked for a provider that cannot be reached', async () => {
    const at = await files({ 'agent.yaml': `${agentYaml()}---\n${providerYaml}`, 'suite.yaml': suiteYaml });
    const { code, said } = await laptop(['-f', at('agent.yaml'), '--suite', at('suite.yaml')]);
    expect(code).toBe(exitCode.notMeasured);
    expect(said).toMatch(/candidate: ModelProvider\/\S+: spec\.endpoint http:\/\/127\.0\.0\.1:9\S* cannot be reached from this machine/);
  });

  it('passes what the runtime finds wrong on, without a stack', async () => {
    const server = await provider(good);
    const at = await files({ 'agent.yaml': `${agentYaml()}---\n${providerYaml.replace('http://127.0.0.1:9', server.url)}`, 'suite.yaml': suiteYaml });
    const { code, said } = await laptop(['-f', at('agent.yaml'), '--suite', at('suite.yaml'), '--embedding', at('nowhere')]);
    expect([code, server.asked.length]).toEqual([exitCode.badInput, 0]);
    expect(said).toMatch(/candidate: .*of the embedding model cannot be read; mount a folder/);
    expect(said).not.toMatch(/\n\s+at /);
  });

  it('says before it begins that a report cannot be written', async () => {
    const server = await provider(good);
    const at = await files({ 'agent.yaml': `${agentYaml()}---\n${providerYaml.replace('http://127.0.0.1:9', server.url)}`, 'suite.yaml': suiteYaml });
    const { code, said } = await laptop(['-f', at('agent.yaml'), '--suite', at('suite.yaml'), '--out', at('nowhere/junit.xml')]);
    expect([code, server.asked.length]).toEqual([exitCode.cannotWrite, 0]);
    expect(said).toMatch(/cannot write ".*nowhere\/junit\.xml": ENOENT/);
  });
});

describe('the runtime as a process', { timeout: processTimeout }, () => {
  it('is asked to stop, and is gone then', async () => {
    const stop = new AbortController();
    const held = await startLoopback(() => stop.abort(new Error('received SIGINT')));
    servers.push(held);
    const at = await files({
      'agent.json': JSON.stringify({ schemaVersion: 1, agent: { namespace: 'shop', name: 'support' }, model: { provider: { kind: 'Anthropic', endpoint: held.url }, name: 'm', parameters: { maxOutputTokens: 9 } }, prompt: 'p', tools: [], limits: { requestTimeoutMs: 60_000, maxConcurrentRequests: 1, maxQueuedRequests: 0, maxModelTurns: 1, maxInputCharacters: 99 } }),
      'suite.json': JSON.stringify({ cases: [{ name: 'a', input: { text: '?' }, expect: { contains: ['x'] } }] }),
    });
    const environment = { SLUICE_BUNDLE_FILE: at('agent.json'), SLUICE_EVAL_SUITE_FILE: at('suite.json'), SLUICE_EVAL_REPORT_FILE: at('report.json') };
    const end = await runRuntime({ command: 'eval', environment, onLine: () => undefined, signal: stop.signal });
    expect(end.exitCode).toBe(1);
    expect(end.errorLines.join('\n')).toContain('stopped by a signal');
  });
});
