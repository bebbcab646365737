import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { resultsPage, type ResultsPage } from '@sluice/evals/results';
import { afterEach, describe, expect, it } from 'vitest';
import { answers, ask, casesFolder, type EvalJob, startEvalJob, writeLines } from '../testing/eval-job.ts';
import { freePort, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { anthropicWire } from '../testing/wire-formats.ts';

/** Processes take a while to start on a machine that does other things too. */
const processTimeout = 180_000;
const token = 'run-1';

const servers: LoopbackServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function job(...run: Parameters<typeof startEvalJob>): Promise<EvalJob> {
  const started = await startEvalJob(...run);
  servers.push(started.server);
  return started;
}

async function pageOf(port: number, from: number): Promise<ResultsPage | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/results?from=${from}`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(20_000) });
    return resultsPage.parse(await response.json());
  } catch {
    return undefined;
  }
}

describe('the pod of a run', { timeout: processTimeout }, () => {
  it('tells its results until all are kept, and ends then; one that takes over asks only what is missing', async () => {
    const port = await freePort();
    const listens = { SLUICE_EVAL_RESULTS_PORT: String(port), SLUICE_EVAL_RESULTS_TOKEN: token };
    const suite = { cases: [ask('one', { contains: ['yes'] }), ask('two', { contains: ['yes'] })] };
    const first = await job(suite, answers('Yes, dear Ada.'), listens);
    await expect.poll(() => pageOf(port, 0), { timeout: 60_000 }).toMatchObject({ state: 'Finished', count: 2, progress: { done: 2, total: 2 } });
    const kept = (await pageOf(port, 0))?.results ?? [];
    expect(first.report()).toMatchObject({ total: 2, passed: 2 });
    await pageOf(port, 2);
    expect(await first.runtime.exited).toBe(0);
    expect(kept.join('')).not.toMatch(/dear Ada|Private question/);

    const folder = mkdtempSync(join(tmpdir(), 'sluice-kept-'));
    writeFileSync(join(folder, '0000.jsonl.gz'), gzipSync(`${kept[0]}\n`));
    const second = await job(suite, answers('No.'), { SLUICE_EVAL_KEPT_FOLDER: folder });
    expect(await second.runtime.exited).toBe(0);
    expect(second.server.exchanges).toHaveLength(1);
    expect(second.report()).toMatchObject({ total: 2, passed: 1, failed: 1 });
  });

  it('gives away what it has found out when it is told to end', async () => {
    const port = await freePort();
    const hangs: Respond = (exchange, response) => (exchange.body.includes('question one') ? answers('Yes.')(exchange, response) : undefined);
    const { runtime, report } = await job({ cases: [ask('one', { contains: ['yes'] }), ask('two', { contains: ['yes'] })], concurrency: 1 }, hangs, { SLUICE_EVAL_RESULTS_PORT: String(port), SLUICE_EVAL_RESULTS_TOKEN: token });
    await expect.poll(() => pageOf(port, 0), { timeout: 60_000 }).toMatchObject({ state: 'Running', count: 1 });
    runtime.signal('SIGTERM');
    await expect.poll(() => pageOf(port, 0), { timeout: 60_000 }).toMatchObject({ state: 'Stopped', count: 1 });
    await pageOf(port, 1);
    expect(await runtime.exited).toBe(1);
    expect(report()).toBeUndefined();
  });

  it.each([
    ['within', 0.0211, { passed: 1, failed: 0, costDollars: 0.021 }],
    ['above', 0.0209, { passed: 0, failed: 1, costDollars: 0.021, failures: [{ outcome: 'Failed', reason: 'cost 0.021 US dollars, more than maxCostDollars (0.0209)' }] }],
  ])('holds a cost %s its ceiling by the price of the ModelProvider', async (_title, maxCostDollars, counts) => {
    // The provider tells 11 tokens read and 5 written.
    const { runtime, report } = await job({ cases: [ask('one', { maxCostDollars })] }, answers('Yes.'), {}, { inputDollarsPerMillionTokens: 1_000, outputDollarsPerMillionTokens: 2_000 });
    expect(await runtime.exited).toBe(0);
    expect(report()).toMatchObject(counts);
  });

  it.each([
    ['what trying the judge has cost', { SLUICE_EVAL_JUDGE_PRICE: '1000/2000' }, 'budget.dollars (0.04) is used up'],
    ['no judge without a price', {}, "budget.dollars cannot be held: the judge's model has no price"],
  ])('holds its budget, and knows %s', async (_title, price, reason) => {
    const example = (label: 'Pass' | 'Fail') => ({ input: 'Question?', answer: 'Answer.', rubric: 'polite', label });
    const suite = { cases: [ask('one', { contains: ['Yes'] })], budget: { dollars: 0.04 }, judge: { model: 'judge-1', examples: [example('Pass'), example('Fail')] } };
    const { runtime, report, server } = await job(suite, answers('PASS'), price, { inputDollarsPerMillionTokens: 1_000, outputDollarsPerMillionTokens: 2_000 });
    expect(await runtime.exited).toBe(1);
    expect(server.exchanges).toHaveLength(2);
    expect(report()).toMatchObject({ errored: 1, failures: [{ outcome: 'NoAnswer', reason }], obstacle: { message: expect.stringContaining(`${reason}; `) as string } });
  });

  it('holds its time, in which the judge was tried too', async () => {
    const example = (label: 'Pass' | 'Fail') => ({ input: 'Question?', answer: 'Answer.', rubric: 'polite', label });
    const suite = { cases: [ask('one', { contains: ['Yes'] })], budget: { duration: '1s' }, judge: { model: 'judge-1', examples: [example('Pass'), example('Fail')] } };
    const slowly: Respond = (exchange, response) => void setTimeout(() => answers('PASS')(exchange, response), exchange.body.includes('judge-1') ? 1_500 : 0);
    const { runtime, report, server } = await job(suite, slowly);
    expect(await runtime.exited).toBe(1);
    expect(server.exchanges.filter(({ body }) => !body.includes('judge-1'))).toEqual([]);
    expect(report()).toMatchObject({ errored: 1, obstacle: { reason: 'BudgetUsedUp', message: expect.stringContaining('budget.duration (1s) is used up; ') as string } });
  });

  it('does not try a judge anew that an earlier pod has tried and paid for', async () => {
    const port = await freePort();
    const example = (answer: string, label: 'Pass' | 'Fail') => ({ input: 'Question?', answer, rubric: 'polite', label });
    const suite = { cases: [ask('one', { judge: { rubric: 'polite' } })], judge: { model: 'judge-1', examples: [example('Go away.', 'Fail'), example('Dear Ada', 'Pass')] }, concurrency: 1 };
    const judges: Respond = (exchange, response) => (exchange.body.includes('judge-1') ? answers(exchange.body.includes('Go away') ? 'FAIL' : 'PASS')(exchange, response) : undefined);
    const first = await job(suite, judges, { SLUICE_EVAL_RESULTS_PORT: String(port), SLUICE_EVAL_RESULTS_TOKEN: token });
    // Both examples are judged; the agent hangs.
    await expect.poll(() => pageOf(port, 0), { timeout: 60_000 }).toMatchObject({ state: 'Running', count: 2 });
    const kept = (await pageOf(port, 0))?.results ?? [];
    first.runtime.signal('SIGKILL');
    await first.runtime.exited;

    const folder = mkdtempSync(join(tmpdir(), 'sluice-kept-'));
    writeFileSync(join(folder, '0000.jsonl.gz'), gzipSync(`${kept.join('\n')}\n`));
    const second = await job(suite, (exchange, response) => (exchange.body.includes('judge-1') ? judges(exchange, response) : answers('Hello.')(exchange, response)), { SLUICE_EVAL_KEPT_FOLDER: folder });
    expect(await second.runtime.exited).toBe(0);
    expect(second.report()).toMatchObject({ total: 1, passed: 1 });
    expect(second.server.exchanges.filter(({ body }) => /Go away|Dear Ada/.test(body))).toEqual([]);
    expect(second.runtime.stdout()).toContain('the judge finds 1 of 1');
  });

  it('does not try a judge anew that another run has tried, nor counts what that has cost', async () => {
    const example = (answer: string, label: 'Pass' | 'Fail') => ({ input: 'Question?', answer, rubric: 'polite', label });
    const suite = { cases: [ask('one', { judge: { rubric: 'polite' } })], judge: { model: 'judge-1', examples: [example('Go away.', 'Fail'), example('Dear Ada', 'Pass')] }, concurrency: 1 };
    const respond: Respond = (exchange, response) => answers(!exchange.body.includes('judge-1') ? 'Hello.' : exchange.body.includes('Go away') ? 'FAIL' : 'PASS')(exchange, response);
    const file = join(mkdtempSync(join(tmpdir(), 'sluice-trials-')), 'trials.jsonl');
    const first = await job(suite, respond, { SLUICE_EVAL_RESULTS_FILE: file });
    expect(await first.runtime.exited).toBe(0);
    expect(first.server.exchanges.filter(({ body }) => /Go away|Dear Ada/.test(body))).toHaveLength(2);

    // Trying the judge anew would use up the budget before the case is asked.
    const budget = { dollars: 0.01 };
    const prices = { SLUICE_EVAL_JUDGE_PRICE: '1000/2000', SLUICE_EVAL_TRIALS_FILE: file };
    const second = await job({ ...suite, budget }, respond, prices, { inputDollarsPerMillionTokens: 0.001, outputDollarsPerMillionTokens: 0.001 });
    expect(await second.runtime.exited).toBe(0);
    expect(second.server.exchanges.filter(({ body }) => /Go away|Dear Ada/.test(body))).toEqual([]);
    expect(second.report()).toMatchObject({ total: 1, passed: 1 });
    expect(second.runtime.stdout()).toContain('the judge finds 1 of 1');
  });

  it('without a price of its model measures no cost, which is no pass', async () => {
    const { runtime, report } = await job({ cases: [ask('one', { maxCostDollars: 1 })] }, answers('Yes.'));
    expect(await runtime.exited).toBe(1);
    expect(report()).toMatchObject({ passed: 0, errored: 1, failures: [{ reason: "its price is not known: the agent's model has no price" }] });
  });

  it('confirms what a judge finds by the same transcript, and asks the agent once', async () => {
    const judge = { model: 'judge-1', examples: [{ input: 'q', answer: 'Go away.', rubric: 'polite', label: 'Fail' }, { input: 'q', answer: 'Dear Ada', rubric: 'polite', label: 'Pass' }] };
    const judged: string[] = [];
    const seen: string[] = [];
    // The first judgement of each answer is a Fail; two more say Pass of the one and Fail of the other.
    const respond: Respond = (exchange, response) => {
      if (!exchange.body.includes('judge-1')) return answers(exchange.body.includes('question bad') ? 'Awful.' : 'Fine.')(exchange, response);
      const isExample = /Go away|Dear Ada/.test(exchange.body);
      if (!isExample) judged.push(exchange.body);
      const first = !seen.includes(exchange.body);
      seen.push(exchange.body);
      const isGood = isExample ? exchange.body.includes('Dear Ada') : !first && exchange.body.includes('Fine.');
      return answers(isGood ? 'PASS' : 'FAIL')(exchange, response);
    };
    const expectation = { judge: { rubric: 'The answer is polite.' } };
    const { runtime, server, report } = await job({ cases: [ask('good', expectation), ask('bad', expectation)], judge, concurrency: 1 }, respond);
    expect(await runtime.exited).toBe(0);
    expect(runtime.stdout()).toContain('the judge finds 1 of 1 (2 to 100 %) bad examples and leaves 1 of 1 (2 to 100 %) good ones alone');
    expect(report()).toMatchObject({ passed: 1, failed: 1, failures: [{ name: 'bad', reason: 'the judge finds that it does not meet the rubric (3 of the judgements Fail, 0 Pass)' }] });
    expect([judged.length, new Set(judged).size]).toEqual([6, 2]);
    expect(server.exchanges.filter(({ body }) => !body.includes('judge-1'))).toHaveLength(2);
  });

  it('reads the cases of files, in either format', async () => {
    const { folder } = casesFolder('cases.jsonl', `${JSON.stringify(ask('filed', { contains: ['yes'] }))}\n`);
    mkdirSync(join(folder, '1'));
    writeFileSync(join(folder, '1', 'foo'), 'prompts: ["{{q}}"]\ntests:\n  - description: imported\n    vars: {q: "Private?"}\n    assert: [{type: icontains, value: "yes"}]\n');
    const { runtime, report } = await job({ casesFrom: [{ configMap: { name: 'x', key: 'cases.jsonl' } }, { configMap: { name: 'y', key: 'foo' }, format: 'Promptfoo' }] }, answers('yes'), { SLUICE_EVAL_CASES_FOLDER: folder });
    expect([await runtime.exited, runtime.stderr()]).toEqual([0, '']);
    expect(report()).toMatchObject({ total: 2, passed: 2 });
  });
});

/** What the operator reads where there is no report: the last that the container said. */
const refused = async ({ runtime, report, server }: EvalJob): Promise<string> => {
  expect(await runtime.exited).toBe(1);
  expect(report()).toBeUndefined();
  expect(server.exchanges).toHaveLength(0);
  return runtime.stderr();
};

describe('bad input', { timeout: processTimeout }, () => {
  it('an empty suite is refused before anything is asked', async () => {
    expect(await refused(await job({ cases: [] }, answers('x')))).toContain('cases is empty, so the suite would measure nothing');
  });

  it('an empty file of cases is an empty suite', async () => {
    const { folder } = casesFolder('cases.jsonl', '\n\n');
    expect(await refused(await job({ casesFrom: [{ configMap: { name: 'x', key: 'cases.jsonl' } }] }, answers('x'), { SLUICE_EVAL_CASES_FOLDER: folder }))).toContain('the suite has no cases, so it would always pass; add one');
  });

  it('a file of cases that is not there is named', async () => {
    expect(await refused(await job({ casesFrom: [{ configMap: { name: 'x', key: 'cases.jsonl' } }] }, answers('x')))).toContain('spec.casesFrom[0] names a file that cannot be read (ENOENT)');
  });

  it('a file of cases of 100 MB is refused as soon as that shows', async () => {
    const { folder, path } = casesFolder('cases.jsonl', '');
    await writeLines(path, 200, () => ' '.repeat(524_287));
    expect(await refused(await job({ casesFrom: [{ configMap: { name: 'x', key: 'cases.jsonl' } }] }, answers('x'), { SLUICE_EVAL_CASES_FOLDER: folder }))).toContain('cases.jsonl: has more than 64 MiB; split it into several suites');
  });

  it.each([
    ['a weight that is no number', '{"name":"a","input":{"text":"q"},"expect":{"contains":["x"]},"weight":NaN}', 'cases.jsonl, line 1: is not JSON'],
    ['a number to be stated that is none', '{"name":"a","input":{"text":"q"},"expect":{"number":{"value":null}}}', 'cases.jsonl, line 1: expect.number.value is not valid'],
    ['a weight without end', '{"name":"a","input":{"text":"q"},"expect":{"contains":["x"]},"weight":1e999}', 'cases.jsonl, line 1:'],
    ['a price that is none', '{"name":"a","input":{"text":"q"},"expect":{"maxCostDollars":NaN}}', 'cases.jsonl, line 1: is not JSON'],
    ['a pattern that does not compile', '{"name":"a","input":{"text":"q"},"expect":{"matches":["(a+"]}}', 'cases.jsonl, line 1:'],
  ])('%s is refused with its line', async (_what, line, sentence) => {
    const { folder } = casesFolder('cases.jsonl', `${line}\n`);
    expect(await refused(await job({ casesFrom: [{ configMap: { name: 'x', key: 'cases.jsonl' } }] }, answers('x'), { SLUICE_EVAL_CASES_FOLDER: folder }))).toContain(sentence);
  });

  it('a pattern that backtracks for ever elsewhere ends, and is a failure', async () => {
    const { runtime, report } = await job({ cases: [ask('a', { matches: ['(a+)+$', '(a|aa)+$b', '(x+x+)+y'] })] }, answers(`${'a'.repeat(50_000)}!`));
    expect(await runtime.exited).toBe(0);
    expect(report()).toMatchObject({ passed: 0, failed: 1 });
  });

  it('an answer of NaN is not the number that was asked for', async () => {
    const { runtime, report } = await job({ cases: [ask('a', { number: { value: 0, tolerancePercent: 10 } })] }, answers('NaN'));
    expect(await runtime.exited).toBe(0);
    expect(report()).toMatchObject({ passed: 0, failed: 1 });
  });

  it('a judge that hangs measures nothing, and holds nothing up', async () => {
    const judge = { model: 'judge-1', examples: [{ input: 'q', answer: 'Go away.', rubric: 'polite', label: 'Fail' }, { input: 'q', answer: 'Dear Ada', rubric: 'polite', label: 'Pass' }] };
    const hangs: Respond = (exchange, response) => (exchange.body.includes('judge-1') ? undefined : answers('Hi.')(exchange, response));
    const { runtime, report } = await job({ cases: [ask('polite', { judge: { rubric: 'The answer is polite.' } }), ask('other', { contains: ['hi'] })], judge, caseTimeout: '2s' }, hangs);
    expect(await runtime.exited).toBe(0);
    expect(runtime.stdout()).toContain('the judge gave no judgement of its examples');
    expect(report()).toMatchObject({ total: 2, passed: 1, errored: 1, failures: [{ name: 'polite', reason: 'expect.judge has no judge: the judge gave no judgement of its examples: none within caseTimeout (2s)' }] });
  });

  it('a judge that is down measures nothing', async () => {
    const judge = { model: 'judge-1', examples: [{ input: 'q', answer: 'Go away.', rubric: 'polite', label: 'Fail' }, { input: 'q', answer: 'Dear Ada', rubric: 'polite', label: 'Pass' }] };
    const down: Respond = (exchange, response) => (exchange.body.includes('judge-1') ? anthropicWire.failure(400) : answers('Hi.'))(exchange, response);
    const { runtime, report } = await job({ cases: [ask('polite', { judge: { rubric: 'The answer is polite.' } })], judge }, down);
    expect(await runtime.exited).toBe(1);
    expect(runtime.stdout()).toContain('the judge gave no judgement of its examples');
    expect(report()).toMatchObject({ total: 1, passed: 0, errored: 1, failures: [{ outcome: 'NoAnswer', reason: 'expect.judge has no judge: the judge gave no judgement of its examples: The model provider does not accept the request (HTTP 400)' }] });
    expect(report()).not.toHaveProperty('obstacle');
  });
});
