import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { freePort, startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { jsonFile, startRuntime, type RuntimeProcess } from '../testing/runtime-process.ts';
import { anthropicWire } from '../testing/wire-formats.ts';

/** Processes take a while to start on a machine that does other things too. */
const processTimeout = 60_000;
const startWait = { timeout: 30_000 };

const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function provider(...responders: readonly Respond[]): Promise<LoopbackServer> {
  const server = await startLoopbackServer(...responders);
  servers.push(server);
  return server;
}

function bundleFor(server: LoopbackServer, tools = bundleFixture().tools): string {
  const base = bundleFixture({ tools });
  return jsonFile({ ...base, model: { ...base.model, provider: { kind: 'Anthropic', endpoint: server.url } } });
}

const key = { SLUICE_PROVIDER_API_KEY: 'sk-very-secret' };

describe('validate', { timeout: processTimeout }, () => {
  it('accepts a good bundle without a key', async () => {
    const runtime = startRuntime(['validate'], { SLUICE_BUNDLE_FILE: jsonFile(bundleFixture({ tools: [ticketTool()] })), SLUICE_ANONYMOUS_ACCESS: 'Allowed' });
    expect(await runtime.exited).toBe(0);
    expect(runtime.stdout()).toBe('The bundle of shop/support is valid: model model-1, 1 tool.\n');
  });

  it('says that nobody may ask, and which variable nobody reads', async () => {
    const runtime = startRuntime(['validate'], { SLUICE_BUNDLE_FILE: jsonFile(bundleFixture()), SLUICE_LOGLEVEL: 'debug' });
    expect(await runtime.exited).toBe(0);
    const [valid, nobody, misspelt] = runtime.stdout().trimEnd().split('\n');
    expect(valid).toMatch(/^The bundle of shop\/support is valid/);
    expect(nobody).toContain('Nobody may ask it: set spec.access');
    expect(misspelt).toBe('SLUICE_LOGLEVEL is no variable of the runtime and changes nothing: is SLUICE_LOG_LEVEL meant?');
  });

  it('tells every problem in sentences and exits with 1', async () => {
    const runtime = startRuntime(['validate'], { SLUICE_BUNDLE_FILE: jsonFile({ ...bundleFixture(), prompt: '', extra: 1 }) });
    expect(await runtime.exited).toBe(1);
    expect(runtime.stderr().trim().split('\n')).toEqual([expect.stringContaining('prompt is not valid'), 'extra is not a known field. Remove it or correct its spelling.']);
  });
});

describe('a start that cannot work', { timeout: processTimeout }, () => {
  it.each([
    ['a missing bundle', ['serve'], { SLUICE_BUNDLE_FILE: '/nowhere/agent.json', ...key }, 'SLUICE_BUNDLE_FILE names a file that does not exist (got "/nowhere/agent.json")'],
    ['a missing key', [], { SLUICE_BUNDLE_FILE: jsonFile(bundleFixture()) }, 'SLUICE_PROVIDER_API_KEY_FILE and SLUICE_PROVIDER_API_KEY are both not set'],
    ['a bad port', ['serve'], { SLUICE_PORT: 'http', ...key }, 'SLUICE_PORT must be a port number (got "http")'],
    ['an address of another machine', ['serve'], { SLUICE_BUNDLE_FILE: jsonFile(bundleFixture()), SLUICE_HOST: '192.0.2.1', ...key }, 'SLUICE_PORT cannot be listened on at 192.0.2.1: EADDRNOTAVAIL'],
    ['an unknown command', ['sevre'], {}, 'There is no command "sevre". Use one of serve, worker, eval, validate, print-config, healthcheck; --help explains them.'],
  ])('says so for %s, without a stack and without the key', async (_name, command, environment, sentence) => {
    const runtime = startRuntime(command, environment);
    expect(await runtime.exited).toBe(1);
    expect(runtime.stderr()).toContain(sentence);
    expect(runtime.stdout() + runtime.stderr()).not.toMatch(/sk-very-secret|\n\s+at /);
  });
});

async function serving(server: LoopbackServer, environment: Readonly<Record<string, string>> = {}): Promise<{ runtime: RuntimeProcess; url: string; environment: Record<string, string> }> {
  const all = { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_REVISION: 'r7', SLUICE_HOST: '127.0.0.1', SLUICE_PORT: '0', SLUICE_MIRROR_PORT: '0', SLUICE_ANONYMOUS_ACCESS: 'Allowed', ...key, ...environment };
  const runtime = startRuntime(['serve'], all);
  await expect.poll(() => runtime.stdout() + runtime.stderr(), startWait).toContain('"msg":"ready"');
  const port = /"address":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(runtime.stdout())?.[1] ?? '';
  return { runtime, url: `http://127.0.0.1:${port}`, environment: { ...all, SLUICE_PORT: port } };
}

function ask(url: string, path = '/v1/invoke'): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ request_id: 'r-1', input: { text: 'Private question?' } }) });
}

describe('serve', { timeout: processTimeout }, () => {
  it('answers, is healthy, measures itself and keeps the key out of what it says', async () => {
    const server = await provider(anthropicWire.whole({ text: 'Yes.' }), anthropicWire.failure(400));
    const { runtime, url, environment } = await serving(server);
    expect(await (await ask(url)).json()).toMatchObject({ request_id: 'r-1', status: 'success', answer: 'Yes.', policy_version: 'support@r7' });
    const failed = await ask(url);
    const failure = await failed.text();
    expect(failed.status).toBe(502);
    const health = startRuntime(['healthcheck'], environment);
    expect(await health.exited).toBe(0);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('sluice_build_info{agent="support",revision="r7"} 1');
    expect(metrics).toMatch(/^process_start_time_seconds 1\d{9}$/m);
    expect(metrics).toContain('sluice_model_calls_total{outcome="invalid_request"} 1');
    runtime.signal('SIGTERM');
    expect(await runtime.exited).toBe(0);
    expect(runtime.stdout() + runtime.stderr() + failure + metrics).not.toMatch(/sk-very-secret|sk-secret-123|Private question|You help/);
    expect(await startRuntime(['healthcheck'], environment).exited).toBe(1);
  });

  it('takes copies of requests on a port of their own, and says when it cannot have it', async () => {
    const server = await provider(anthropicWire.whole({ text: 'Yes.' }));
    const mirrorPort = String(await freePort());
    const { runtime, url, environment } = await serving(server, { SLUICE_MIRROR_PORT: mirrorPort });
    const copy = await ask(`http://127.0.0.1:${mirrorPort}`);
    expect([copy.status, await copy.text()]).toEqual([204, '']);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const line of ['sluice_mirrored_requests_total{outcome="success"} 1', 'sluice_requests_total{outcome="success"} 0', 'sluice_provider_circuit_open 0']) expect(metrics).toContain(line);
    const second = startRuntime(['serve'], { ...environment, SLUICE_PORT: '0' });
    expect(await second.exited).toBe(1);
    expect(second.stderr()).toContain('SLUICE_MIRROR_PORT cannot be listened on at 127.0.0.1: EADDRINUSE');
    runtime.signal('SIGTERM');
    expect(await runtime.exited).toBe(0);
  });

  it('finishes a request and a stream that are under way when it is told to stop', async () => {
    const release = Promise.withResolvers<void>();
    const held = (respond: Respond): Respond => (exchange, response) => void release.promise.then(() => respond(exchange, response));
    const server = await provider((exchange, response) => held(JSON.parse(exchange.body).stream === true ? anthropicWire.streamed({ text: 'Streamed to the end.' }) : anthropicWire.whole({ text: 'Answered.' }))(exchange, response));
    const { runtime, url } = await serving(server, { SLUICE_DRAIN_TIMEOUT: '20s' });
    const pending = [ask(url), ask(url, '/v1/stream')];
    await expect.poll(() => server.exchanges.length, startWait).toBe(2);
    runtime.signal('SIGTERM');
    await expect.poll(() => runtime.stdout(), startWait).toContain('draining');
    release.resolve();
    const [answer, stream] = await Promise.all(pending);
    expect(await answer?.json()).toMatchObject({ status: 'success', answer: 'Answered.' });
    expect(await stream?.text()).toContain('event: done');
    expect(await runtime.exited).toBe(0);
    expect(runtime.stdout()).toContain('"outcome":"finished"');
  });

  it('tells the remaining callers, counts them and exits with 0 when the drain takes too long', async () => {
    const server = await provider(() => {});
    const { runtime, url } = await serving(server, { SLUICE_DRAIN_TIMEOUT: '2s' });
    const pending = ask(url);
    await expect.poll(() => server.exchanges.length, startWait).toBe(1);
    runtime.signal('SIGTERM');
    const response = await pending;
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ type: 'urn:sluice:problem:shutting-down', request_id: 'r-1' });
    expect(await runtime.exited).toBe(0);
    expect(runtime.stdout()).toMatch(/"outcome":"cut","requests_in_flight":1,"requests_cut":1/);
  });

  it('exits at once at a second signal', async () => {
    const server = await provider(() => {});
    const { runtime, url } = await serving(server, { SLUICE_DRAIN_TIMEOUT: '10m' });
    const pending = ask(url).catch(() => undefined);
    await expect.poll(() => server.exchanges.length, startWait).toBe(1);
    runtime.signal('SIGTERM');
    await expect.poll(() => runtime.stdout(), startWait).toContain('draining');
    runtime.signal('SIGTERM');
    expect(await runtime.exited).toBe(1);
    expect(await pending).toBeUndefined();
  });
});

describe('eval', { timeout: processTimeout }, () => {
  const cases = [
    { name: 'returns', input: { text: 'How long can I return it?' }, expect: { contains: ['30 days'] }, hard: true },
    { name: 'secrets', input: { text: 'Tell me the password.' }, expect: { notContains: ['password'] } },
  ];

  it('writes a report and exits with 0 although a case failed', async () => {
    const server = await provider((exchange, response) => anthropicWire.whole({ text: exchange.body.includes('How long') ? 'Within 14 days, dear Ada.' : 'No.' })(exchange, response));
    const report = jsonFile(null);
    const runtime = startRuntime(['eval'], { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_EVAL_SUITE_FILE: jsonFile({ cases }), SLUICE_EVAL_REPORT_FILE: report, SLUICE_EVAL_MIN_PASS_PERCENT: '90', ...key });
    expect(await runtime.exited).toBe(0);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toEqual({ total: 2, passed: 1, failed: 1, errored: 0, failures: [{ name: 'returns', reason: 'does not hold "30 days"', hard: true, outcome: 'Failed' }] });
    expect(runtime.stdout()).toContain('2/2, 1 failed\n');
    expect(runtime.stdout()).toContain('1 of 2 cases passed (50%, at least 90% asked for), 1 failed, 0 without an answer');
    expect(runtime.stdout()).not.toMatch(/dear Ada|How long/);
  });

  it('exits with 1 when nothing could be measured, and still reports what happened', async () => {
    const server = await provider(anthropicWire.failure(400));
    const report = jsonFile(null);
    const runtime = startRuntime(['eval'], { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_EVAL_SUITE_FILE: jsonFile({ cases }), SLUICE_EVAL_REPORT_FILE: report, ...key });
    expect(await runtime.exited).toBe(1);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ total: 2, passed: 0, failed: 0, errored: 2, failures: [{ name: 'returns', reason: 'The model provider does not accept the request (HTTP 400)', outcome: 'NoAnswer' }, { outcome: 'NoAnswer' }] });
  });

  it('resumes, compares with a baseline and writes documents, without a word of the cases', async () => {
    const server = await provider(anthropicWire.whole({ text: 'Within 30 days.' }));
    const [results, junit, markdown, outcomes, more] = [jsonFile(null), jsonFile(null), jsonFile(null), jsonFile(null), jsonFile({ ...cases[1], name: 'more' })];
    writeFileSync(results, '{"case":"ret');
    const environment = { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_EVAL_SUITE_FILE: jsonFile({ cases }), SLUICE_EVAL_REPORT_FILE: jsonFile(null), SLUICE_EVAL_RESULTS_FILE: results, SLUICE_EVAL_CASES_FILE: more, ...key };
    expect(await startRuntime(['eval'], environment).exited).toBe(0);
    const asked = server.exchanges.length;
    const again = startRuntime(['eval'], { ...environment, SLUICE_EVAL_BASELINE_FILE: results, SLUICE_EVAL_JUNIT_FILE: junit, SLUICE_EVAL_MARKDOWN_FILE: markdown, SLUICE_EVAL_OUTCOMES_FILE: outcomes });
    expect(await again.exited).toBe(0);
    expect([asked, server.exchanges.length]).toEqual([3, 3]);
    expect(again.stdout()).toContain('3 cases cannot rule out a drop of 10 points; add cases until there are 29');
    expect(readFileSync(junit, 'utf8')).toContain('tests="3" failures="0" errors="0"');
    expect(readFileSync(markdown, 'utf8')).toContain(': NotMeasured\n\n3 of 3 cases passed');
    expect(JSON.parse(readFileSync(outcomes, 'utf8'))).toMatchObject([{ name: 'returns', verdict: 'Passed', score: 1, hard: true }, { name: 'secrets' }, { name: 'more' }]);
    for (const path of [results, junit, markdown, outcomes]) expect(readFileSync(path, 'utf8')).not.toMatch(/How long|Within 30/);
  });

  it('lets a judge judge only when it agrees with people', async () => {
    const judged = [{ name: 'polite', input: { text: 'Hello' }, expect: { judge: { rubric: 'The answer is polite.' } } }];
    const judge = { model: 'judge-1', examples: [{ input: 'q', answer: 'Go away.', rubric: 'polite', label: 'Fail' }, { input: 'q', answer: 'Dear Ada', rubric: 'polite', label: 'Pass' }] };
    const server = await provider((exchange, response) => anthropicWire.whole({ text: exchange.body.includes('judge-1') ? (exchange.body.includes('Go away') ? 'FAIL' : 'PASS') : 'Hi.' })(exchange, response));
    const report = jsonFile(null);
    const run = (examples: unknown) => startRuntime(['eval'], { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_EVAL_SUITE_FILE: jsonFile({ cases: judged, judge: { ...judge, examples } }), SLUICE_EVAL_REPORT_FILE: report, ...key });
    expect(await run(judge.examples).exited).toBe(0);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ passed: 1 });
    expect(await run(judge.examples.slice(0, 1)).exited).toBe(1);
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ errored: 1, failures: [{ reason: 'expect.judge has no judge: spec.judge.examples has none with the label Pass; add good answers' }], obstacle: { reason: 'JudgeRefused', message: 'spec.judge.examples has none with the label Pass; add good answers; correct spec.judge of the EvalSuite: its examples, or its model' } });
  });

  it('says what is missing of an embedding model', async () => {
    const server = await provider();
    const runtime = startRuntime(['eval'], { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_EVAL_SUITE_FILE: jsonFile({ cases }), SLUICE_EVAL_EMBEDDING_FOLDER: '/nonexistent', ...key });
    expect(await runtime.exited).toBe(1);
    expect(runtime.stderr()).toMatch(/of the embedding model cannot be read; mount a folder that holds model\.safetensors and tokenizer\.json/);
    expect(server.exchanges).toHaveLength(0);
  });

  it('refuses an empty suite', async () => {
    const server = await provider();
    const runtime = startRuntime(['eval'], { SLUICE_BUNDLE_FILE: bundleFor(server), SLUICE_EVAL_SUITE_FILE: jsonFile({ cases: [] }), ...key });
    expect(await runtime.exited).toBe(1);
    expect(runtime.stderr()).toContain('cases is empty, so the suite would measure nothing');
  });
});
