import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, reply, toolTurn, type ScriptedModel } from '../testing/scripted-model.ts';
import { createToolbox } from '../tools/toolbox.ts';
import { runAgent } from './agent.ts';
import { jsonBySchema, jsonObject, unfittingAnswer } from './answer-format.ts';
import type { AnswerWishes } from './answer-wishes.ts';
import { createAgent } from './create-agent.ts';

const days = jsonBySchema({ name: 'days', schema: { type: 'object', properties: { days: { type: 'integer' } }, required: ['days'], additionalProperties: false } });

function run(model: ScriptedModel, wishes: AnswerWishes) {
  const transport = createFakeTransport({ body: 'open' }, { body: 'open' });
  const tools = [ticketTool()];
  const agent = createAgent(bundleFixture({ tools }), { model, toolbox: createToolbox({ tools, clock: createFakeClock(), transport, observe: () => {}, writes: 'live' }) });
  const told: string[] = [];
  const result = runAgent(agent, { requestId: 'r', text: 'How long?', wishes }, { signal: new AbortController().signal, listener: { onText: ({ text }) => told.push(text) } });
  return { result, told, transport };
}

describe('what a request asks of its answer', () => {
  it.each([
    [5, 5],
    [100_000, 256],
    [undefined, 256],
  ])('bounds replies by %s tokens within the bound of the agent: %i', async (maxOutputTokens, wanted) => {
    const model = createScriptedModel(reply('Thirty days.'));
    await run(model, { maxOutputTokens }).result;
    expect(model.requests[0]?.settings).toMatchObject({ maxOutputTokens: wanted });
    expect(model.requests[0]?.settings.limitedBy).toBe(wanted === 5 ? 'caller' : undefined);
  });

  it('is told as cut where the limit was reached before a word', async () => {
    expect(await run(createScriptedModel(reply('', { stop: 'length' })), { maxOutputTokens: 1 }).result).toMatchObject({ status: 'error', cut: true, answer: expect.stringContaining('output limit') });
  });

  it('may be that no tool is called, whatever the model tries', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('Without it.'));
    const { result, transport } = run(model, { tools: 'none' });
    expect(await result).toMatchObject({ answer: 'Without it.', evidence: [] });
    expect(model.requests.map(({ tools }) => tools.length)).toEqual([0, 0]);
    expect(transport.requests).toHaveLength(0);
  });

  it('gives JSON that was checked, which the provider and the model were asked for, and tells none of it before', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('```json\n{"days": 30}\n```'));
    const { result, told } = run(model, { format: days });
    expect(await result).toMatchObject({ status: 'success', answer: '{"days": 30}', evidence: [{ tool: 'ticket_read' }] });
    expect(told).toEqual([]);
    expect(model.requests[0]).toMatchObject({ format: { kind: 'schema', name: 'days' }, messages: [{ role: 'user', text: expect.stringContaining('"days"') }, { role: 'user', text: 'How long?' }] });
  });

  it.each([
    ['mends it once', [reply('Thirty days.'), reply('{"days":30}')], { status: 'success', answer: '{"days":30}', turns: 2 }],
    ['says that there is no answer when that does not help', [reply('Thirty days.'), reply('{"days":"30"}')], { status: 'error', answer: unfittingAnswer, turns: 2 }],
    ['leaves one that was cut as it is', [reply('{"days":', { stop: 'length' })], { status: 'degraded', cut: true, answer: '{"days":' }],
  ])('of an answer that does not fit: %s', async (_name, turns, wanted) => {
    expect(await run(createScriptedModel(...turns), { format: days }).result).toMatchObject(wanted);
  });

  it('is any object where no schema says which', async () => {
    for (const [text, status] of [['{"a":1}', 'success'], ['[1]', 'error'], ['null', 'error'], ['{"a":1', 'error']] as const) {
      expect((await run(createScriptedModel(reply(text)), { format: jsonObject }).result).status).toBe(status);
    }
  });
});
