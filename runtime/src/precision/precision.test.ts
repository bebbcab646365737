import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import { beginRun } from './adaptive-run.ts';
import { digamma, informationGain } from './belief.ts';
import { freeEnergyOf, freeEnergyOfPolicy } from './free-energy.ts';
import { createLevels } from './levels.ts';
import { createPrecision } from './precision.ts';

const tools = ['api', 'cache', 'mail'];
const policies = [{ name: 'live', tools: ['api'] }, { name: 'cached', tools: ['cache'] }];

describe('beliefs', () => {
  it('know the values of digamma and of the gain of information', () => {
    expect(digamma(1)).toBeCloseTo(-0.577_215_664_9, 7);
    expect(digamma(0.5)).toBeCloseTo(-1.963_510_026, 7);
    expect(digamma(10)).toBeCloseTo(2.251_752_589, 7);
    // Uniform belief: ln 2 - 1/2.
    expect(informationGain({ alpha: 1, beta: 1 })).toBeCloseTo(Math.log(2) - 0.5, 7);
  });

  it('gain less from what is known better', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), fc.double({ min: 0.1, max: 50, noNaN: true }), fc.double({ min: 1.1, max: 20, noNaN: true }), (alpha, beta, times) => {
        expect(informationGain({ alpha: alpha * times, beta: beta * times })).toBeLessThanOrEqual(informationGain({ alpha, beta }) + 1e-7);
      }),
    );
  });
});

describe('expected free energy', () => {
  it('is less for a tool that works, and for one that is less known', () => {
    expect(freeEnergyOf({ alpha: 9, beta: 1 })).toBeLessThan(freeEnergyOf({ alpha: 1, beta: 9 }));
    expect(freeEnergyOf({ alpha: 3, beta: 1 })).toBeLessThan(freeEnergyOf({ alpha: 30, beta: 10 }));
    expect(freeEnergyOfPolicy([{ alpha: 9, beta: 1 }, { alpha: 1, beta: 9 }])).toBeCloseTo((freeEnergyOf({ alpha: 9, beta: 1 }) + freeEnergyOf({ alpha: 1, beta: 9 })) / 2);
    expect(() => freeEnergyOfPolicy([])).toThrow(RangeError);
  });
});

describe('levels', () => {
  it('lose confidence by errors, faster than they win it, and the higher ones less', () => {
    const levels = createLevels();
    expect(levels.precision('execution')).toBe(0.75);
    const updates = levels.learn(0.9);
    expect(updates.map(({ level }) => level)).toEqual(['execution', 'planning', 'abstract']);
    expect(updates.map(({ predictionError }) => Number(predictionError.toFixed(3)))).toEqual([0.9, 0.675, 0.506]);
    const [execution = 0, planning = 0, abstract = 0] = updates.map(({ precision }) => precision);
    expect(execution).toBeLessThan(planning);
    expect(planning).toBeLessThan(abstract);
    expect(0.75 - execution).toBeGreaterThan(createLevels().learn(0.1)[0]!.precision - 0.75);
  });

  it('go on where an earlier run ended', () => {
    expect(createLevels(new Map([['execution', 0.4]])).precision('execution')).toBeCloseTo(0.4);
  });

  it('stay between 0 and 1 whatever happens, and come back', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 200 }), (errors) => {
        const levels = createLevels();
        for (const error of errors) for (const { precision } of levels.learn(error)) expect(precision > 0 && precision < 1).toBe(true);
        for (let call = 0; call < 100; call += 1) levels.learn(0);
        expect(levels.precision('execution')).toBeGreaterThan(0.75);
      }),
    );
  });
});

function toolbox(results: Readonly<Record<string, ToolResult>>): Toolbox {
  return {
    descriptions: tools.map((name) => ({ name, description: name, parameters: {} })),
    effectOf: () => 'Read',
    mustCite: () => false,
    call: async ({ name }) => results[name] ?? { kind: 'ok', content: 'fine' },
  };
}

function setUp(spec: Parameters<typeof createPrecision>[0]['spec'], results: Readonly<Record<string, ToolResult>>) {
  const precision = createPrecision({ spec, tools });
  const events: string[] = [];
  const calls: string[] = [];
  const observe = { onCall: ({ tool, outcome }: { tool: string; outcome: string }) => calls.push(`${tool} ${outcome}`), onLearnt: () => {}, onAdaptation: ({ action }: { action: string }) => events.push(action) };
  const run = beginRun({ precision, tools, clock: createFakeClock(), observe });
  const wrapped = run.wrap(toolbox(results));
  const call = (name: string) => wrapped.call({ name, argumentsJson: '{}', requestId: 'r', ref: 'tool-1' }, new AbortController().signal);
  return { precision, run, wrapped, call, events, calls, offered: () => wrapped.descriptions.map(({ name }) => name) };
}

const down = { api: failed('error', 'HTTP 503') };

describe('a run', () => {
  it('switches the policy when its calls fail again and again, and is told what to use instead', async () => {
    const { call, events, offered, calls, run } = setUp({ thresholdPercent: 40, policies }, down);
    expect(offered()).toEqual(['api', 'mail']);
    for (let time = 0; time < 6 && events.length === 0; time += 1) await call('api');
    expect(events).toEqual(['switched_to_cached']);
    expect(offered()).toEqual(['cache', 'mail']);
    expect(await call('api')).toMatchObject({ kind: 'failed', failure: 'refused', reason: 'this tool is set aside for now; use cache, mail' });
    expect((await call('cache')).kind).toBe('ok');
    const { adaptations = [], tools: executions = [], precision = [] } = run.record();
    expect(adaptations).toMatchObject([{ cause: 'high_prediction_error', action: 'switched_to_cached' }]);
    expect(adaptations[0]!.newPrecision).toBeLessThan(0.4);
    expect(adaptations[0]!.oldPrecision).toBeGreaterThan(adaptations[0]!.newPrecision);
    expect(executions).toHaveLength(calls.length);
    expect(precision).toHaveLength(calls.length * 3);
  });

  it('sets a tool aside where there are no policies, and never the last one', async () => {
    const { call, events, offered } = setUp({ thresholdPercent: 60 }, { ...down, cache: failed('timeout', 'late'), mail: failed('error', 'down') });
    for (let time = 0; time < 4; time += 1) for (const tool of tools) await call(tool);
    expect(events).toEqual(['set_aside_api', 'set_aside_cache']);
    expect(offered()).toEqual(['mail']);
  });

  it('begins with the policy of least expected free energy, learnt by the runs before', async () => {
    const first = setUp({ thresholdPercent: 1, policies }, down);
    for (let time = 0; time < 5; time += 1) await first.call('api');
    expect(first.precision.values()[0]?.policy).toBe('cached');
    const next = beginRun({ precision: first.precision, tools, clock: createFakeClock(), observe: { onCall: () => {}, onLearnt: () => {}, onAdaptation: () => {} } });
    expect(next.wrap(toolbox({})).descriptions.map(({ name }) => name)).toEqual(['cache', 'mail']);
  });

  it('learns nothing of a tool from calls that were not sent: whoever asks could spoil it for others', async () => {
    const { call, events, calls, precision } = setUp({ thresholdPercent: 70, policies }, { api: failed('refused', 'the arguments are not a JSON object') });
    const before = precision.precision('execution');
    for (let time = 0; time < 20; time += 1) await call('api');
    expect([events, calls, precision.precision('execution')]).toEqual([[], [], before]);
  });

  it('does not change while calls go well, nor learns of tools that the agent does not have', async () => {
    const { call, events, precision, calls } = setUp({ thresholdPercent: 70, policies }, {});
    for (let time = 0; time < 20; time += 1) await call('api');
    await call('unknown');
    expect({ events, calls: calls.length }).toEqual({ events: [], calls: 20 });
    expect(precision.precision('execution')).toBeGreaterThan(0.8);
  });
});
