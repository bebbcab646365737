import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentFailure, type AgentQuestion } from '@sluice/evals';
import type { BundleTool } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { createAgent } from '../agent/create-agent.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ModelError } from '../providers/model-error.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import type { TokenPrice } from '../providers/token-price.ts';
import { createScriptedModel, reply, toolTurn, type ScriptedModel } from '../testing/scripted-model.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { compileGuardrails } from '../guardrails/compile-guardrails.ts';
import { createAgentUnderTest } from './agent-under-test.ts';
import { loadDigests, parseSuite, readEvaluationSettings } from './suite.ts';

const question: AgentQuestion = { id: 'a.1', text: 'Ticket 7?', history: [], toolStubs: [], tools: 'Live' };

const price: TokenPrice = { inputDollarsPerMillionTokens: 1_000_000, outputDollarsPerMillionTokens: 2_000_000 };

function ask(model: ScriptedModel, changes: Partial<AgentQuestion> = {}, { tools = [ticketTool()], priced = price }: { tools?: BundleTool[]; priced?: TokenPrice | undefined } = {}) {
  const transport = createFakeTransport({ body: 'live' });
  const toolbox = createToolbox({ tools, clock: createFakeClock(), transport, observe: () => {}, writes: 'dry-run' });
  const costs: number[] = [];
  const agent = createAgentUnderTest(createAgent(bundleFixture({ tools }), { model, toolbox }), { price: priced });
  return { transport, costs, answer: agent.answer({ ...question, ...changes }, new AbortController().signal, (dollars) => void costs.push(dollars)) };
}

const readThen = (text: string) => createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply(text));

describe('the agent of the runtime under evaluation', () => {
  it('tells its answer, its calls and what the answer rests on', async () => {
    const { answer, transport } = ask(readThen('Open.'));
    expect(await answer).toEqual({ answer: 'Open.', ending: 'answered', toolCalls: [{ name: 'ticket_read', argumentsJson: '{"id":"7"}', outcome: 'ok' }], citations: ['ticket_read'], approvalsRequested: [], blockedByRules: [] });
    expect(transport.requests).toHaveLength(1);
  });

  it('remembers what was said before', async () => {
    const model = createScriptedModel(reply('Yes.'));
    await ask(model, { history: [{ role: 'User', text: 'Hello' }, { role: 'Assistant', text: 'Hi' }] }).answer;
    expect(model.requests[0]?.messages).toEqual([{ role: 'user', text: 'Hello' }, { role: 'assistant', text: 'Hi', toolCalls: [] }, { role: 'user', text: 'Ticket 7?' }]);
  });

  it.each([
    ['a stub that fits', { toolStubs: [{ name: 'ticket_read', arguments: { id: '7' }, result: 'stubbed' }] }, 'stubbed', 0, 'ok'],
    ['the first stub that fits', { toolStubs: [{ name: 'ticket_read', arguments: { id: '8' }, result: 'x' }, { name: 'ticket_read', error: 'gone' }] }, 'gone', 0, 'failed'],
    ['the tool where no stub fits', { toolStubs: [{ name: 'ticket_read', arguments: { id: '8' }, result: 'x' }] }, 'live', 1, 'ok'],
    ['nothing where no stub fits and no tool may be called', { tools: 'Stubbed' as const }, 'this call is not available', 0, 'failed'],
  ])('is answered by %s', async (_title, changes, content, requests, outcome) => {
    const model = readThen('Done.');
    const { answer, transport } = ask(model, changes);
    expect((await answer).toolCalls).toMatchObject([{ outcome }]);
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({ results: [{ content: expect.stringContaining(content) as string, outcome }] });
    expect(transport.requests).toHaveLength(requests);
  });

  it.each([
    ['a refusal of the model', reply('', { stop: 'refused' }), 'refused', ['model-refusal']],
    ['an empty reply', reply(' '), 'none', []],
  ])('gives no text of ours for an answer after %s', async (_title, turn, ending, blockedByRules) => {
    expect(await ask(createScriptedModel(turn)).answer).toMatchObject({ answer: '', ending, blockedByRules });
  });

  it.each([
    ['told that it waits, as users are', '{"id":"7"}', {}, ['refund'], 'do not tell the user that it is done'],
    ['told so where no tool may be called', '{"id":"7"}', { tools: 'Stubbed' as const }, ['refund'], 'do not tell the user that it is done'],
    ['not made where its rule does not ask for a person', '{"id":"8"}', {}, [], 'Dry run: the call is valid and was not sent'],
    ['not available where its rule does not ask for one and no tool may be called', '{"id":"8"}', { tools: 'Stubbed' as const }, [], 'this call is not available'],
    ['answered by a stub as though it had been approved', '{"id":"7"}', { toolStubs: [{ name: 'refund', result: 'Refunded.' }] }, [], 'Refunded.'],
    ['wrong before anybody is asked', '{"id":7}', { tools: 'Stubbed' as const }, [], 'this call is not available'],
  ])('of a write that a person must approve is %s', async (_title, argumentsJson, changes, approvalsRequested, content) => {
    const refund = ticketTool({ name: 'refund', effect: 'Write', write: { approval: { when: 'Matching', arguments: { properties: { id: { const: '7' } } }, timeoutMs: 1 } } });
    const model = createScriptedModel(toolTurn('refund', JSON.parse(argumentsJson) as Record<string, unknown>), reply('Asked.'));
    const { answer, transport } = ask(model, changes, { tools: [refund] });
    expect(await answer).toMatchObject({ answer: 'Asked.', approvalsRequested });
    expect(model.requests[1]?.messages.at(-1)).toMatchObject({ results: [{ content: expect.stringContaining(content) as string }] });
    expect(transport.requests).toHaveLength(0);
  });

  it('tells which rule blocked it', async () => {
    const guardrails = compileGuardrails({ output: [{ name: 'secret', action: 'Block', deny: { patterns: ['bluebird'] } }] });
    const toolbox = createToolbox({ tools: [], clock: createFakeClock(), transport: createFakeTransport(), observe: () => {}, writes: 'dry-run' });
    const agent = createAgentUnderTest(createAgent(bundleFixture(), { model: createScriptedModel(reply('bluebird')), toolbox }), { price: undefined, guardrails });
    expect(await agent.answer(question, new AbortController().signal, () => {})).toMatchObject({ answer: '', ending: 'refused', blockedByRules: ['secret'] });
  });

  it("does not count a provider's failure as an answer", async () => {
    await expect(ask(createScriptedModel(new ModelError('unavailable', { cause: new Error('key sk-1') }))).answer).rejects.toThrow(AgentFailure);
    await expect(ask(createScriptedModel(new ModelError('unavailable', { status: 503 }))).answer).rejects.toThrow('The model provider failed (HTTP 503)');
    await expect(ask(createScriptedModel(new ModelError('unavailable'))).answer).rejects.toThrow('The model provider cannot be reached, or broke the connection off');
  });
});

describe('what an answer costs', () => {
  it('is told by the tokens of each reply and the price of the model', async () => {
    const { answer, costs } = ask(readThen('Open.'));
    await answer;
    expect(costs).toEqual([7 + 2 * 3, 7 + 2 * 3]);
  });

  it('is told of a question without an answer too', async () => {
    const { answer, costs } = ask(createScriptedModel(toolTurn('ticket_read', { id: '7' }), new ModelError('unavailable', { status: 503 })));
    await expect(answer).rejects.toThrow(AgentFailure);
    expect(costs).toEqual([13]);
  });

  it('is not told without a price, and not known where a server counts no tokens', async () => {
    const model = bundleFixture().model;
    expect(model.price).toBeUndefined();
    const unpriced: number[] = [];
    const toolbox = createToolbox({ tools: [], clock: createFakeClock(), transport: createFakeTransport({ body: '' }), observe: () => {}, writes: 'dry-run' });
    await createAgentUnderTest(createAgent(bundleFixture(), { model: createScriptedModel(reply('Yes.')), toolbox }), { price: undefined }).answer(question, new AbortController().signal, (dollars) => void unpriced.push(dollars));
    expect(unpriced).toEqual([]);
    const { answer, costs } = ask(createScriptedModel(reply('Yes.', { usage: { inputTokens: 0, outputTokens: 0 } })));
    await answer;
    expect(costs).toEqual([Number.NaN]);
  });
});

describe('the files of an evaluation', () => {
  const first = { name: 'a', input: { text: 'q' }, expect: { contains: ['yes'] } };

  it('are checked, defaults filled in', () => {
    expect(parseSuite({ cases: [first] })).toMatchObject({ concurrency: 4, caseTimeout: '60s', cases: [{ hard: false }] });
  });

  it.each([
    ['an empty suite', { cases: [] }, 'cases is empty, so the suite would measure nothing'],
    ['an expectation that this image does not know, and that every answer would meet', { cases: [first, { ...first, name: 'b', expect: { contains: ['yes'], mustNotMention: ['x'] } }] }, 'cases[1].expect is nothing that this version of Sluice can hold an answer against (got "mustNotMention"). Correct its name, or give the agent a newer image.'],
    ['no suite', [], 'the file is not valid'],
    ['a time that is none', { cases: [first], caseTimeout: 'soon' }, 'caseTimeout must be a duration (got "soon")'],
  ])('refuse %s', (_name, input, sentence) => {
    expect(() => parseSuite(input)).toThrow(sentence);
  });

  it('have defaults for a pod', () => {
    expect(readEvaluationSettings({})).toEqual({ suiteFile: '/etc/sluice/eval/suite.json', reportFile: '/dev/termination-log', minPassPercent: 100, casesFolder: '/etc/sluice/eval-cases', spentMs: 0 });
    expect(() => readEvaluationSettings({ SLUICE_EVAL_RESULTS_PORT: '8080' })).toThrow('SLUICE_EVAL_RESULTS_TOKEN is not set');
    expect(() => readEvaluationSettings({ SLUICE_EVAL_RESULTS_PORT: 'x', SLUICE_EVAL_RESULTS_TOKEN: 't' })).toThrow('SLUICE_EVAL_RESULTS_PORT must be a number between 0 and 65535');
    expect(readEvaluationSettings({ SLUICE_EVAL_SPENT_SECONDS: '90' }).spentMs).toBe(90_000);
    expect(() => readEvaluationSettings({ SLUICE_EVAL_MIN_PASS_PERCENT: '101' })).toThrow('SLUICE_EVAL_MIN_PASS_PERCENT must be a number between 0 and 100 (got "101")');
  });

  it('tell the digests that whoever stored the suite gave its cases', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sluice-digests-')), 'digests.json');
    const digest = `sha256:${'a'.repeat(64)}`;
    writeFileSync(file, JSON.stringify({ a: digest }));
    expect(loadDigests(file)).toEqual(new Map([['a', digest]]));
    expect(loadDigests(undefined).size).toBe(0);
    writeFileSync(file, '{"a":"sha256:1"}');
    expect(() => loadDigests(file)).toThrow('SLUICE_EVAL_DIGESTS_FILE names a file that holds something else than a digest for each name');
  });
});
