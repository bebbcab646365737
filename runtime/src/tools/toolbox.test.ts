import { afterEach, describe, expect, it } from 'vitest';
import type { BundleTool } from '@sluice/crds';
import { createFakeClock } from '../platform/clock-fake.ts';
import { systemClock } from '../platform/clock-system.ts';
import { abortable } from '@sluice/evals/deadline';
import { ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport, type Answer } from '../testing/fake-transport.ts';
import { startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { defaultResultBytes } from './call-tool.ts';
import { createHttpTransport } from '../egress/transport.ts';
import { createToolbox, type Toolbox } from './toolbox.ts';

interface Setup {
  readonly toolbox: Toolbox;
  readonly transport: ReturnType<typeof createFakeTransport>;
  readonly observed: readonly string[];
  readonly clock: ReturnType<typeof createFakeClock>;
}

function setUp(tool: BundleTool, writes: 'live' | 'dry-run', ...answers: readonly Answer[]): Setup {
  const transport = createFakeTransport(...answers);
  const observed: string[] = [];
  const clock = createFakeClock();
  const toolbox = createToolbox({ tools: [tool], clock, transport, writes, observe: (ended) => observed.push(`${ended.tool} ${ended.outcome}`) });
  return { toolbox, transport, observed, clock };
}

function call(toolbox: Toolbox, args: unknown, name = 'ticket_read') {
  return toolbox.call({ name, argumentsJson: JSON.stringify(args), requestId: 'r-1', ref: 'tool-1' }, new AbortController().signal);
}

const search = ticketTool({ name: 'search', parameters: { type: 'object' }, http: { method: 'GET', url: 'https://tickets.example.com/search?v=1', allowedHosts: ['tickets.example.com', '*.archive.example.com'] } });
const update = ticketTool({ name: 'update', effect: 'Write', parameters: { type: 'object', properties: { id: { type: 'string' } } }, http: { method: 'POST', url: 'https://tickets.example.com/t/{id}', allowedHosts: ['tickets.example.com'] } });

describe('a tool call', () => {
  it('sends the remaining arguments of a GET in the query, with the request id', async () => {
    const { toolbox, transport } = setUp(search, 'live', { body: 'found' });
    expect(await call(toolbox, { q: 'a b', tags: ['x', 'y'], deep: { n: 1 } }, 'search')).toEqual({ kind: 'ok', content: 'found' });
    expect(transport.requests[0]?.url.href).toBe('https://tickets.example.com/search?v=1&q=a+b&tags=x&tags=y&deep=%7B%22n%22%3A1%7D');
    expect(transport.requests[0]?.headers).toMatchObject({ 'x-request-id': 'r-1' });
  });

  it('sends the remaining arguments of a write as JSON, with an idempotency key', async () => {
    const { toolbox, transport } = setUp(update, 'live', { body: '{}' });
    await call(toolbox, { id: '7', state: 'closed' }, 'update');
    expect(transport.requests[0]).toMatchObject({ method: 'POST', body: '{"state":"closed"}', headers: { 'content-type': 'application/json', 'idempotency-key': 'r-1:tool-1' } });
  });

  it('checks a write and does not send it in a dry run', async () => {
    const { toolbox, transport } = setUp(update, 'dry-run');
    expect(await call(toolbox, { id: '7' }, 'update')).toMatchObject({ kind: 'ok', content: expect.stringContaining('Dry run') });
    expect(await call(toolbox, { id: 7.5, x: 1 }, 'update')).toMatchObject({ kind: 'failed', failure: 'refused' });
    expect(transport.requests).toHaveLength(0);
  });

  it.each([
    ['HTTP 500', { status: 500, body: 'trace' }],
    ['HTTP 404', { status: 404 }],
    ['the request failed: ECONNREFUSED', Object.assign(new Error('connect 10.0.0.1:80'), { code: 'ECONNREFUSED' })],
    ['the request failed', new Error('10.0.0.1 is away')],
  ])('fails with "%s" and is not sent again', async (reason, answer) => {
    const { toolbox, transport, observed } = setUp(update, 'live', answer);
    expect(await call(toolbox, { id: '7' }, 'update')).toMatchObject({ kind: 'failed', failure: 'error', reason });
    expect(transport.requests).toHaveLength(1);
    expect(observed).toEqual(['update error']);
  });

  it.each([
    ['the response is not text', { 'content-type': 'image/png' }],
    ['the response is compressed although that was not asked for', { 'content-encoding': 'gzip' }],
  ])('that reads fails where %s; one that writes was made all the same', async (reason, headers) => {
    const read = setUp(search, 'live', { headers });
    expect(await call(read.toolbox, {}, 'search')).toEqual({ kind: 'failed', failure: 'error', reason });
    const written = setUp(update, 'live', { headers });
    expect(await call(written.toolbox, { id: '7' }, 'update')).toEqual({ kind: 'ok', content: `The call was made. Its result cannot be shown: ${reason}.` });
    expect([read.observed, written.observed]).toEqual([['search error'], ['update success']]);
  });

  it('is refused for wrong arguments and unknown names, under a bounded label', async () => {
    const { toolbox, transport, observed } = setUp(ticketTool(), 'live');
    expect(await call(toolbox, { id: 7 })).toEqual({ kind: 'failed', failure: 'refused', reason: 'the argument id must be string' });
    expect(await call(toolbox, {}, 'made_up_by_the_model')).toMatchObject({ failure: 'refused', reason: 'there is no tool of that name' });
    expect(observed).toEqual(['ticket_read refused', 'unknown refused']);
    expect(transport.requests).toHaveLength(0);
  });

  it('ends when its time is over', async () => {
    const { toolbox, clock, observed } = setUp(ticketTool(), 'live', (_request, signal) => abortable(new Promise<never>(() => {}), signal));
    const running = call(toolbox, { id: '7' });
    clock.advance(1_000);
    expect(await running).toEqual({ kind: 'failed', failure: 'timeout', reason: 'no answer within 1000 ms' });
    expect(observed).toEqual(['ticket_read timeout']);
  });

  it('ends with the reason of its caller', async () => {
    const { toolbox, observed } = setUp(ticketTool(), 'live', (_request, signal) => abortable(new Promise<never>(() => {}), signal));
    const caller = new AbortController();
    const running = toolbox.call({ name: 'ticket_read', argumentsJson: '{"id":"7"}', requestId: 'r', ref: 'tool-1' }, caller.signal);
    caller.abort(new Error('caller left'));
    await expect(running).rejects.toThrow('caller left');
    expect(observed).toEqual(['ticket_read cancelled']);
  });

  it('shows at most 64 KiB of a response and says so', async () => {
    const { toolbox } = setUp(ticketTool(), 'live', { body: 'é'.repeat(defaultResultBytes) });
    const result = await call(toolbox, { id: '7' });
    const content = result.kind === 'ok' ? result.content : '';
    expect(content).toContain('[truncated: only the first 65536 bytes');
    expect(content.slice(0, content.indexOf('\n'))).toBe('é'.repeat(defaultResultBytes / 2));
  });
});

describe('a redirect', () => {
  const to = (location: string, status = 302) => ({ status, headers: { location } });

  it('is followed within the allow-list, relative ones too', async () => {
    const { toolbox, transport } = setUp(search, 'live', to('/elsewhere', 303), to('https://a.archive.example.com/x', 307), { body: 'moved' });
    expect(await call(toolbox, { a: 1 }, 'search')).toEqual({ kind: 'ok', content: 'moved' });
    expect(transport.requests.map(({ method, url }) => `${method} ${url.href}`)).toEqual(['GET https://tickets.example.com/search?v=1&a=1', 'GET https://tickets.example.com/elsewhere', 'GET https://a.archive.example.com/x']);
  });

  it.each([301, 302, 303, 307, 308])('with status %i is not followed by a write, nor by a read that is no GET', async (status) => {
    const writes = [update, { ...update, http: { ...update.http, method: 'GET' as const } }, { ...update, effect: 'Read' as const }];
    for (const tool of writes) {
      const { toolbox, transport, observed } = setUp(tool, 'live', to('/b', status), { body: 'never read' });
      // A write that leads elsewhere may have been made.
      expect(await call(toolbox, { id: '7', a: 1 }, 'update')).toEqual({ kind: 'failed', failure: 'error', reason: `HTTP ${status}: a redirect is followed only for a GET tool with effect Read`, ...(tool.effect === 'Write' ? { made: 'unknown' } : {}) });
      expect(transport.requests).toHaveLength(1);
      expect(observed).toEqual(['update error']);
    }
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', 'redirected, but the host 169.254.169.254 is not on the allow-list of the tool'],
    ['https://tickets.example.com:9200/_search', "redirected, but the port 9200 of tickets.example.com is not allowed, only that of the tool's own URL and the default one of the scheme"],
    ['//evil.com/', 'redirected, but the host evil.com is not on the allow-list of the tool'],
    ['https://u:p@tickets.example.com/', 'redirected, but a URL with credentials is not allowed'],
    ['file:///etc/passwd', 'redirected, but the scheme file is not allowed'],
    ['http://tickets.example.com/', 'redirected from https to http, which is not allowed'],
  ])('to %s is refused', async (location, reason) => {
    const { toolbox, transport } = setUp(ticketTool(), 'live', to(location), { body: 'never read' });
    expect(await call(toolbox, { id: '7' })).toEqual({ kind: 'failed', failure: 'refused', reason });
    expect(transport.requests).toHaveLength(1);
  });

  it('is followed three times and no more, and needs a location', async () => {
    const endless = setUp(ticketTool(), 'live', to('/again'));
    expect(await call(endless.toolbox, { id: '7' })).toMatchObject({ failure: 'error', reason: 'more than 3 redirects' });
    expect(endless.transport.requests).toHaveLength(4);
    const nowhere = setUp(ticketTool(), 'live', { status: 302 });
    expect(await call(nowhere.toolbox, { id: '7' })).toMatchObject({ failure: 'error', reason: 'HTTP 302 without a usable location' });
  });
});

describe('over a real connection', () => {
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });

  async function real(allowedHosts: string[], timeoutMs: number, ...responders: readonly Respond[]): Promise<{ toolbox: Toolbox; server: LoopbackServer }> {
    const server = await startLoopbackServer(...responders);
    const transport = createHttpTransport();
    opened.push(transport.close, server.close);
    const tool = ticketTool({ timeoutMs, http: { method: 'GET', url: `${server.url}/t/{id}`, allowedHosts } });
    return { server, toolbox: createToolbox({ tools: [tool], clock: systemClock, transport, writes: 'live', observe: () => {} }) };
  }

  it('reads a response, and follows redirects only where it may', async () => {
    const { toolbox, server } = await real(
      ['127.0.0.1'],
      60_000,
      (_exchange, response) => response.writeHead(302, { location: '/moved' }).end('ignored'),
      (_exchange, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"state":"open"}'),
      (_exchange, response) => response.writeHead(302, { location: 'http://localhost:1/' }).end(),
      (_exchange, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    );
    expect(await call(toolbox, { id: '7' })).toEqual({ kind: 'ok', content: '{"state":"open"}' });
    expect(await call(toolbox, { id: '8' })).toMatchObject({ failure: 'refused', reason: expect.stringContaining('localhost is not on the allow-list') });
    expect(await call(toolbox, { id: '9' })).toMatchObject({ failure: 'refused', reason: expect.stringContaining('the port 1 of 127.0.0.1 is not allowed') });
    expect(server.exchanges.map(({ path }) => path)).toEqual(['/t/7', '/moved', '/t/8', '/t/9']);
  });

  const endless: Respond = (_exchange, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    const write = (): void => {
      while (!response.destroyed && response.write('x'.repeat(16_384)));
      if (!response.destroyed) response.once('drain', write);
    };
    write();
  };

  it('stops reading a response without end', async () => {
    const { toolbox, server } = await real(['127.0.0.1'], 60_000, endless);
    expect(await call(toolbox, { id: '7' })).toMatchObject({ kind: 'ok', content: expect.stringContaining('[truncated') });
    await server.exchanges[0]?.closed;
    expect(server.exchanges).toHaveLength(1);
  });

  it('closes a connection that takes too long', async () => {
    const { toolbox, server } = await real(['127.0.0.1'], 2_000, () => {});
    expect(await call(toolbox, { id: '8' })).toMatchObject({ failure: 'timeout' });
    for (const exchange of server.exchanges) await exchange.closed;
    expect(server.exchanges.length).toBeLessThanOrEqual(1);
  });
});
