import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { ticketTool, type HttpBundleTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport, type Answer } from '../testing/fake-transport.ts';
import { createToolbox } from './toolbox.ts';

function setUp(changes: Partial<HttpBundleTool>, ...answers: readonly Answer[]) {
  const transport = createFakeTransport(...answers);
  const clock = createFakeClock();
  const toolbox = createToolbox({ tools: [ticketTool({ timeoutMs: 60_000, ...changes })], clock, transport, writes: 'live', observe: () => {} });
  const call = (id = '7') => toolbox.call({ name: 'ticket_read', argumentsJson: JSON.stringify({ id }), requestId: 'r-1', ref: 'tool-1' }, new AbortController().signal);
  return { transport, clock, call };
}

/** Lets what waits for promises go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

const busy = { status: 503 };
const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });

describe('retries', () => {
  it.each([[busy], [{ status: 429 }], [{ status: 502 }], [{ status: 504 }], [reset]])('make a call again that failed for a passing reason: %j', async (failure) => {
    const { transport, clock, call } = setUp({ idempotent: true, retries: 2 }, failure, failure, { body: 'open' });
    const running = call();
    await settled();
    expect(transport.requests).toHaveLength(1);
    clock.advance(150);
    await settled();
    expect(transport.requests).toHaveLength(2);
    clock.advance(300);
    expect(await running).toEqual({ kind: 'ok', content: 'open' });
    expect(transport.requests).toHaveLength(3);
    expect(clock.pending()).toBe(0);
  });

  it('end with the last failure when they are used up', async () => {
    const { transport, clock, call } = setUp({ idempotent: true, retries: 1 }, busy);
    const running = call();
    await settled();
    clock.advance(150);
    expect(await running).toEqual({ kind: 'failed', failure: 'error', reason: 'HTTP 503' });
    expect(transport.requests).toHaveLength(2);
  });

  it.each(['99999999', 'Infinity', '1e300'])('wait no shorter because the other side asks for more than a timer takes: %s', async (seconds) => {
    const fake = createFakeClock();
    const waits: number[] = [];
    const clock: typeof fake = {
      ...fake,
      after: (milliseconds, task) => {
        waits.push(milliseconds);
        return fake.after(milliseconds, task);
      },
    };
    const transport = createFakeTransport({ status: 503, headers: { 'retry-after': seconds } }, { body: 'open' });
    const toolbox = createToolbox({ tools: [ticketTool({ timeoutMs: 1_000, idempotent: true, retries: 1 })], clock, transport, writes: 'live', observe: () => {} });
    const running = toolbox.call({ name: 'ticket_read', argumentsJson: '{"id":"7"}', requestId: 'r-1', ref: 'tool-1' }, new AbortController().signal);
    await settled();
    fake.advance(1_000);
    expect(await running).toMatchObject({ failure: 'timeout' });
    expect(transport.requests).toHaveLength(1);
    for (const wait of waits) expect(wait).toBeLessThan(2 ** 31);
  });

  it('wait as long as the other side asks, and not beyond the timeout', async () => {
    const { transport, clock, call } = setUp({ idempotent: true, retries: 1, timeoutMs: 5_000 }, { status: 429, headers: { 'retry-after': '3' } }, { body: 'open' });
    const running = call();
    await settled();
    clock.advance(2_999);
    await settled();
    expect(transport.requests).toHaveLength(1);
    clock.advance(1);
    expect(await running).toMatchObject({ kind: 'ok' });
    const late = setUp({ idempotent: true, retries: 1, timeoutMs: 1_000 }, { status: 429, headers: { 'retry-after': '3' } });
    const failing = late.call();
    await settled();
    late.clock.advance(1_000);
    expect(await failing).toMatchObject({ failure: 'timeout' });
    expect(late.transport.requests).toHaveLength(1);
  });

  it.each([
    ['a tool that is not declared idempotent', { retries: 2 }, busy],
    ['a tool that asks for none', { idempotent: true }, busy],
    ['a lasting failure', { idempotent: true, retries: 2 }, { status: 400 }],
  ])('are not made for %s', async (_name, changes, failure) => {
    const { transport, call } = setUp(changes, failure);
    expect(await call()).toMatchObject({ failure: 'error' });
    expect(transport.requests).toHaveLength(1);
  });
});

describe('limits', () => {
  it('show as many bytes of a result as the tool says', async () => {
    const { call } = setUp({ maxResultBytes: 256 }, { body: 'é'.repeat(200) });
    expect(await call()).toEqual({ kind: 'ok', content: `${'é'.repeat(128)}\n[truncated: only the first 256 bytes of the response are shown]` });
  });

  it('make no more calls at a time than the tool says', async () => {
    const gates: (() => void)[] = [];
    const { transport, call } = setUp({ maxConcurrentCalls: 1 }, async () => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return { body: 'open' };
    });
    const both = [call('1'), call('2')];
    await settled();
    expect(transport.requests).toHaveLength(1);
    gates[0]?.();
    await both[0];
    await settled();
    gates[1]?.();
    expect(await both[1]).toMatchObject({ kind: 'ok' });
    expect(transport.requests).toHaveLength(2);
  });

  it('count waiting for a place against the timeout', async () => {
    const { clock, call } = setUp({ maxConcurrentCalls: 1, timeoutMs: 1_000 }, () => new Promise(() => {}));
    const both = [call('1'), call('2')];
    await settled();
    clock.advance(1_000);
    expect(await Promise.all(both)).toEqual([expect.objectContaining({ failure: 'timeout' }), expect.objectContaining({ failure: 'timeout' })]);
  });
});

describe('select', () => {
  it('makes what is sent and what is seen', async () => {
    const { transport, call } = setUp({ select: { arguments: '{id: id, full: `true`}', result: 'items[].{id: id, name: title}' } }, { body: '{"items":[{"id":1,"title":"A","secret":"x"}]}' });
    expect(await call('9')).toEqual({ kind: 'ok', content: '[{"id":1,"name":"A"}]' });
    expect(transport.requests[0]?.url.href).toBe('https://tickets.example.com/v1/tickets/9?full=true');
  });

  it.each([
    [{ result: 'items' }, 'no json', 'the result is no JSON, which select.result needs'],
    [{ result: 'length(@)' }, '7', 'the result does not fit the expression of the tool'],
    [{ arguments: 'id' }, '{}', 'the expression of the tool made no object of the arguments'],
  ])('%j of %s fails with a sentence', async (select, body, reason) => {
    const { call } = setUp({ select }, { body });
    expect(await call()).toMatchObject({ kind: 'failed', reason });
  });

  it('shows no more than the tool says of what an expression makes, either', async () => {
    const { call } = setUp({ select: { result: 'text' }, maxResultBytes: 256 }, { body: JSON.stringify({ text: 'x'.repeat(1_000) }) });
    expect(await call()).toEqual({ kind: 'ok', content: `"${'x'.repeat(255)}\n[truncated: only the first 256 bytes of the response are shown]` });
  });

  it('reads more than it shows, and says when that is not enough', async () => {
    const long = JSON.stringify({ filler: 'x'.repeat(200_000), id: 7 });
    const { call } = setUp({ select: { result: 'id' }, maxResultBytes: 256 }, { body: long }, { body: JSON.stringify('x'.repeat(1_100_000)) });
    expect(await call()).toEqual({ kind: 'ok', content: '7' });
    expect(await call()).toMatchObject({ failure: 'error', reason: 'the result has more than 1048576 bytes, so select.result cannot read it' });
  });
});

describe('select of a write', () => {
  it.each([
    ['items', 'no json', 'the result is no JSON, which select.result needs'],
    ['length(@)', '7', 'the result does not fit the expression of the tool'],
    ['id', JSON.stringify('x'.repeat(1_100_000)), 'the result has more than 1048576 bytes, so select.result cannot read it'],
  ])('%s that cannot read the result takes nothing back: who is told of a failure makes the write again', async (result, body, reason) => {
    const { call } = setUp({ effect: 'Write', select: { result } }, { body });
    expect(await call()).toEqual({ kind: 'ok', content: `The call was made. Its result cannot be shown: ${reason}.` });
  });
});

describe('a transform', () => {
  const toolbox = createToolbox({
    tools: [{ name: 'sum', description: 'Adds.', parameters: { type: 'object', properties: { items: { type: 'array' } }, required: ['items'] }, transform: { expression: 'sum(items[].price)' }, timeoutMs: 1_000, effect: 'Read' }],
    clock: createFakeClock(), transport: createFakeTransport(), writes: 'live', observe: () => {},
  });
  const call = (args: unknown) => toolbox.call({ name: 'sum', argumentsJson: JSON.stringify(args), requestId: 'r', ref: 'tool-1' }, new AbortController().signal);

  it('computes from its arguments', async () => {
    expect(await call({ items: [{ price: 2 }, { price: 3.5 }] })).toEqual({ kind: 'ok', content: '5.5' });
    expect(await call({ items: [{ price: 'two' }] })).toMatchObject({ failure: 'error', reason: expect.stringContaining('the arguments do not fit the expression') });
    expect(await call({})).toMatchObject({ failure: 'refused' });
  });
});
