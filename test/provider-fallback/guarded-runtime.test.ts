import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentBundle, type AgentBundle } from '@sluice/crds';
import { readEvents } from '../../operator/src/evidence/events.ts';
import { parseExposition } from '../../operator/src/evidence/exposition.ts';
import { countingOf, metricsOf } from '../../operator/src/evidence/selectors.ts';
import { createMemoryLedger } from '../../runtime/src/budgets/memory-ledger.ts';
import { meterByBudgets } from '../../runtime/src/budgets/metered-client.ts';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { createFakeWallClock } from '../../runtime/src/platform/wall-clock-fake.ts';
import type { OpenModelClient } from '../../runtime/src/providers/create-model-client.ts';
import { createHarness, type Harness } from '../../runtime/src/testing/app-harness.ts';
import { startSimulator, type RunningSimulator } from '../provider-simulator/running-simulator.ts';
import { bundleFor, openModels } from './models.ts';

let simulator: RunningSimulator;
let model: OpenModelClient | undefined;

beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(async () => {
  await model?.close();
  model = undefined;
  await simulator.close();
});

function ask({ app }: Harness, route: 'invoke' | 'stream', body: object = {}) {
  return app.inject({ method: 'POST', url: `/v1/${route}`, payload: { input: { text: 'How do refunds work?' }, ...body } });
}

const guardrails = agentBundle.shape.guardrails.unwrap().parse({
  output: [{ name: 'secret', deny: { patterns: ['(?i)project bluebird'] } }, { name: 'data', action: 'Redact', pii: { kinds: ['Email', 'CreditCard'] } }],
});

describe.each(['Anthropic', 'OpenAI'] as const)('the runtime before %s', (kind) => {
  async function serve(more: Partial<AgentBundle>): Promise<Harness> {
    const bundle = bundleFor(kind, simulator.url, {}, more);
    model = await openModels(bundle);
    return await createHarness({ model, bundle, clock: systemClock });
  }

  it.each([
    ['Write to anna.meier@example.com or pay by 4111 1111 1111 1111 today.', 'Write to [EMAIL] or pay by [CREDIT_CARD] today.', undefined],
    ['All we may say of Project Bluebird is nothing.', 'All we may say of ', 'secret'],
  ])('streams no part of what is forbidden: %j', async (answer, told, rule) => {
    await simulator.setScript({ rules: [{ respond: { answer } }] });
    const app = await serve({ guardrails });
    const { body } = await ask(app, 'stream');
    expect([...body.matchAll(/event: delta\ndata: (.*)/g)].map(([, data]) => (JSON.parse(data ?? '{}') as { text: string }).text).join('')).toBe(told);
    expect(body).not.toMatch(/bluebird|anna|4111/i);
    const whole = (await ask(app, 'invoke')).json<{ answer: string; blocked_by_rule?: string }>();
    expect(whole.blocked_by_rule).toBe(rule);
    expect(whole.answer).toBe(rule === undefined ? told : `No answer: the rule "${rule}" does not allow this answer.`);
  });

  it('is read by the objectives of the operator: blocked requests by any rule, and calls of tools by the names of their users', async () => {
    await simulator.setScript({ rules: [{ times: 2, respond: { answer: 'Project Bluebird.' } }, { respond: { answer: 'Within thirty days.' } }] });
    const app = await serve({ guardrails, precision: { thresholdPercent: 40 } });
    for (let request = 0; request < 5; request += 1) await ask(app, 'invoke');
    await app.mirror.inject({ method: 'POST', url: '/v1/invoke', payload: { input: { text: 'x' } } });
    const counting = countingOf([{ name: 'blocked', blocked: {} }]);
    const page = parseExposition(await app.metrics.registry.metrics(), new Set(metricsOf(counting)));
    expect(counting.counters.map((counter) => readEvents(page, counter))).toEqual([{ name: 'blocked', state: 'Counted', bad: 2, total: 6 }]);
    expect(await app.series('sluice_requests_blocked_by_rule_total{rule="secret"}')).toBe(2);
    expect(await app.series('lrs_precision_value{level="execution"}')).toBe(0.75);
  });

  it('holds the budget of a day under many requests at once, and says when there is a new one', async () => {
    await simulator.setScript({ rules: [{ respond: { answer: 'Within thirty days.', latency: { fixedMs: 50 } } }] });
    const clock = createFakeWallClock(Date.UTC(2026, 0, 1, 23, 59, 0));
    let ids = 0;
    const ledger = createMemoryLedger({ clock, random: { id: () => `id-${(ids += 1)}` } });
    const budgets = { perDay: { maxTokens: 1_500 } };
    const base = bundleFor(kind, simulator.url, {}, { budgets });
    const bundle = { ...base, limits: { ...base.limits, maxConcurrentRequests: 40 } };
    model = await openModels(bundle, { meter: meterByBudgets({ budgets, scope: 'shop/support', ledger, clock, callMilliseconds: 10_000, onRefused: () => {} }) });
    const app = await createHarness({ model, bundle, clock: systemClock });
    const responses = await Promise.all(Array.from({ length: 40 }, () => ask(app, 'invoke')));
    const made = responses.filter(({ statusCode }) => statusCode === 200);
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(40);
    expect((await simulator.requests()).length).toBe(made.length);
    const { spent, reserved } = await ledger.read('shop/support/day/20454');
    expect(spent.tokens).toBeLessThanOrEqual(1_500);
    expect(reserved.tokens).toBe(0);
    const refused = responses.find(({ statusCode }) => statusCode !== 200);
    expect(refused?.statusCode).toBe(429);
    expect(refused?.headers['retry-after']).toBe('60');
    expect(refused?.json()).toMatchObject({ type: 'urn:sluice:problem:quota-exceeded', detail: expect.stringContaining('The agent has not enough budget left for today (budgets.perDay.') });
  });

  it('ends a request that has used up what it may', async () => {
    await simulator.setScript({ rules: [{ respond: { answer: 'Within thirty days.' } }] });
    const clock = createFakeWallClock();
    const budgets = { perRequest: { maxTokens: 10 } };
    const bundle = bundleFor(kind, simulator.url, {}, { budgets });
    const ledger = createMemoryLedger({ clock, random: { id: () => 'id' } });
    model = await openModels(bundle, { meter: meterByBudgets({ budgets, scope: 's', ledger, clock, callMilliseconds: 10_000, onRefused: () => {} }) });
    const app = await createHarness({ model, bundle, clock: systemClock });
    expect((await ask(app, 'invoke')).json()).toMatchObject({ status: 'error', answer: expect.stringContaining('budgets.perRequest') });
    expect(await simulator.requests()).toEqual([]);
  });
});
