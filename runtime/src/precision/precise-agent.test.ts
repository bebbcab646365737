import { describe, expect, it } from 'vitest';
import { createAgent } from '../agent/create-agent.ts';
import { compileGuardrails } from '../guardrails/compile-guardrails.ts';
import { createFakeClock } from '../platform/clock-fake.ts';
import type { PrecisionStore } from '../store/precision/precision-store.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { createPreciseAgent } from './precise-agent.ts';
import { createPrecision } from './precision.ts';

const describeTool = (name: string) => ({ name, description: 'x', parameters: {} });
const policies = [{ name: 'direct', tools: ['live'] }, { name: 'fallback', tools: ['search'] }];

function setUp(mustCite: (name: string) => boolean, store?: PrecisionStore) {
  const tools = ['live', 'search'];
  const toolbox: Toolbox = { descriptions: tools.map(describeTool), effectOf: () => 'Read', call: async () => ({ kind: 'ok', content: 'x' }), mustCite };
  const agent = createPreciseAgent(createAgent(bundleFixture(), { model: createScriptedModel(reply('All of it.')), toolbox }), {
    guard: { guardrails: compileGuardrails(undefined), observe: () => {} },
    precision: createPrecision({ spec: { thresholdPercent: 40, policies }, tools }),
    clock: createFakeClock(),
    observe: { onCall: () => {}, onLearnt: () => {}, onAdaptation: () => {} },
    store,
    agentId: 'shop/support',
    onStoreError: () => {},
  });
  const told: string[] = [];
  return { told, run: async () => await agent.run({ requestId: 'r', text: 'x' }, { signal: new AbortController().signal, listener: { onText: ({ text }) => told.push(text) } }) };
}

describe('createPreciseAgent', () => {
  it.each([
    ['streams an answer', () => false, 'All of it.'],
    ['streams none that may have to cite what another policy finds', (name: string) => name === 'search', ''],
  ])('%s', async (_, mustCite, told) => {
    const asked = setUp(mustCite);
    expect(await asked.run()).toMatchObject({ answer: 'All of it.' });
    expect(asked.told.join('')).toBe(told);
  });

  it.each([
    ['begun', ['record', 'finish completed']],
    ['taken', []],
  ] as const)('writes into no run of another agent: %s', async (begun, expected) => {
    const written: string[] = [];
    const store: Partial<PrecisionStore> = {
      begin: async () => begun,
      record: async () => {
        written.push('record');
        return 'recorded';
      },
      finish: async (_, status) => {
        written.push(`finish ${status}`);
        return 'recorded';
      },
    };
    await setUp(() => false, store as PrecisionStore).run();
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(written).toEqual(expected);
  });
});
