import { getEventListeners } from 'node:events';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { cancelledBy, createModelFetch, type ModelFetch, type ModelFetchOptions } from './model-fetch.ts';

const opened: { readonly server: LoopbackServer; readonly model: ModelFetch }[] = [];

afterEach(async () => {
  for (const { model, server } of opened.splice(0)) {
    await model.close();
    await server.close();
  }
});

interface SetUp {
  readonly server: LoopbackServer;
  readonly model: ModelFetch;
  /** Of the client, one for each connection. */
  readonly ports: ReadonlySet<number | undefined>;
}

async function setUp(respond: Respond, options: ModelFetchOptions = {}): Promise<SetUp> {
  const ports = new Set<number | undefined>();
  const server = await startLoopbackServer((exchange, response) => {
    ports.add(response.socket?.remotePort);
    respond(exchange, response);
  });
  const model = createModelFetch(options);
  opened.push({ server, model });
  return { server, model, ports };
}

const answer = JSON.stringify({ text: 'Es ist in Köln. '.repeat(300) });

describe('an answer without end', () => {
  const mebibyte = 2 ** 20;
  const endless: Respond = (_exchange, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(mebibyte)));
    };
    response.on('drain', more);
    more();
  };

  it('is given up before it fills the memory, and its connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const { server, model } = await setUp((exchange, response) => {
      response.on('close', closed.resolve);
      endless(exchange, response);
    });
    await expect((await model.fetch(server.url)).text()).rejects.toThrow();
    await closed.promise;
  });

  it.each([['gzip', gzipSync], ['br', brotliCompressSync]] as const)('is given up when it is one only after it was decoded (%s)', async (encoding, encode) => {
    const bomb = encode(Buffer.alloc(65 * mebibyte));
    const { server, model } = await setUp((_exchange, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb));
    await expect((await model.fetch(server.url)).text()).rejects.toThrow('more than 67108864 bytes');
  });

  it('is read on where it is read piece by piece', async () => {
    const { server, model } = await setUp(endless, { lengths: 'any' });
    let read = 0;
    for await (const piece of (await model.fetch(server.url)).body ?? []) {
      read += (piece as Uint8Array).byteLength;
      if (read > 70 * mebibyte) break;
    }
    expect(read).toBeGreaterThan(70 * mebibyte);
  });
});

describe('a body', () => {
  it.each([
    ['as it is', undefined, Buffer.from(answer)],
    ['in gzip', 'gzip', gzipSync(answer)],
    ['in gzip by its old name', 'x-gzip', gzipSync(answer)],
    ['in deflate', 'deflate', deflateSync(answer)],
    ['in brotli', 'br', brotliCompressSync(answer)],
    ['in two', 'gzip, BR', brotliCompressSync(gzipSync(answer))],
  ])('is read %s, whole or in chunks, by each way to read it', async (_name, encoding, sent) => {
    const { server, model } = await setUp((exchange, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...(encoding === undefined ? {} : { 'content-encoding': encoding }), ...(exchange.path === '/whole' ? { 'content-length': sent.byteLength } : {}) });
      // Letters of more than one byte are cut, too.
      for (let at = 0; at < sent.byteLength; at += 37) response.write(sent.subarray(at, at + 37));
      response.end();
    });
    for (const path of ['/whole', '/chunked']) {
      const ask = async () => await model.fetch(`${server.url}${path}`);
      expect(await (await ask()).text()).toBe(answer);
      expect(await (await ask()).json()).toEqual(JSON.parse(answer));
      expect(Buffer.from(await (await ask()).bytes()).toString()).toBe(answer);
      expect(await (await (await ask()).blob()).text()).toBe(answer);
      const response = await ask();
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body ?? []) pieces.push(piece as Uint8Array);
      expect([Buffer.concat(pieces).toString(), response.bodyUsed]).toEqual([answer, true]);
    }
  });

  it('in an encoding that nobody knows, or in too many, is handed on as it is', async () => {
    for (const encoding of ['lzw', 'gzip, gzip, gzip, gzip, gzip']) {
      const { server, model } = await setUp((_exchange, response) => response.writeHead(200, { 'content-encoding': encoding }).end('bytes'));
      expect(await (await model.fetch(server.url)).text()).toBe('bytes');
    }
  });

  it('that is no gzip, or is cut, is an error of who reads it', async () => {
    const { server, model } = await setUp((exchange, response) => {
      response.writeHead(200, { 'content-encoding': exchange.path === '/plain' ? 'identity' : 'gzip' });
      if (exchange.path === '/no') response.end('no gzip');
      else response.write('half', () => response.destroy());
    });
    await expect((await model.fetch(`${server.url}/no`)).text()).rejects.toThrow('incorrect header check');
    await expect((await model.fetch(`${server.url}/cut`)).text()).rejects.toThrow();
    await expect((await model.fetch(`${server.url}/plain`)).text()).rejects.toThrow();
  });
});

describe('a request', () => {
  it('has its own headers, those of the runtime, and what it is sent with', async () => {
    const { server, model } = await setUp((_exchange, response) => response.end('{}'), { headers: () => ({ traceparent: '00-1-2-01' }) });
    await (await model.fetch(`${server.url}/v1/x?y=1`, { method: 'POST', headers: new Headers({ 'X-Own': 'a', 'Content-Type': 'application/json' }), body: '{"a":"ö"}' })).text();
    await (await model.fetch(server.url, { method: 'POST', headers: { 'X-Own': 'b', 'Accept-Encoding': 'identity' }, body: Buffer.from('bytes') })).text();
    expect(server.exchanges[0]).toMatchObject({ method: 'POST', path: '/v1/x?y=1', body: '{"a":"ö"}', headers: { 'x-own': 'a', 'content-type': 'application/json', traceparent: '00-1-2-01', 'accept-encoding': 'gzip, deflate, br', 'content-length': '10' } });
    expect(server.exchanges[1]).toMatchObject({ body: 'bytes', headers: { 'x-own': 'b', 'accept-encoding': 'identity' } });
  });

  it('with another body than text or bytes is refused before anything is sent', async () => {
    const { server, model } = await setUp((_exchange, response) => response.end());
    await expect(model.fetch(server.url, { method: 'POST', body: new FormData() })).rejects.toThrow('has a text or bytes for a body');
    expect(server.exchanges).toHaveLength(0);
  });

  it('gets the answer of an error, of a redirect and of none, and keeps the connection', async () => {
    const statuses = [500, 429, 302, 204, 200];
    const { server, model, ports } = await setUp((exchange, response) => {
      const status = Number(exchange.path.slice(1));
      response.writeHead(status, { location: 'http://elsewhere.example/', 'x-two': ['a', 'b'], 'retry-after': '7' }).end(status === 204 ? undefined : `it is ${status}`);
    });
    for (const status of statuses) {
      const response = await model.fetch(`${server.url}/${status}`);
      expect([response.status, response.ok, response.redirected, response.url]).toEqual([status, status < 300, false, `${server.url}/${status}`]);
      expect([response.headers.get('location'), response.headers.get('x-two'), response.headers.get('retry-after')]).toEqual(['http://elsewhere.example/', 'a, b', '7']);
      expect(await response.text()).toBe(status === 204 ? '' : `it is ${status}`);
    }
    expect(server.exchanges).toHaveLength(statuses.length);
    // One may still be told of its end when the next request begins.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('says why there is no connection, as fetch does', async () => {
    const { server, model } = await setUp((_exchange, response) => response.socket?.destroy());
    await expect(model.fetch(server.url)).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code: 'UND_ERR_SOCKET' } });
    await server.close();
    await expect(model.fetch(server.url)).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed', cause: { code: 'ECONNREFUSED' } });
    opened[0]!.model.close().catch(() => undefined);
    opened.splice(0);
  });
});

describe.each(['the signal of the request', 'the signal of who waits'] as const)('%s', (whose) => {
  const withSignal = (signal: AbortSignal): RequestInit => (whose === 'the signal of the request' ? { signal } : { signal: new AbortController().signal, ...cancelledBy(signal) });

  it('ends a request before it is sent, before its answer, and in its body, with its reason', async () => {
    const { server, model } = await setUp((exchange, response) => {
      if (exchange.path === '/body') response.writeHead(200).write('begun');
    });
    const reason = new Error('the caller left');
    await expect(model.fetch(server.url, withSignal(AbortSignal.abort(reason)))).rejects.toBe(reason);
    expect(server.exchanges).toHaveLength(0);
    const waiting = new AbortController();
    const answered = model.fetch(server.url, withSignal(waiting.signal));
    await expect.poll(() => server.exchanges.length).toBe(1);
    waiting.abort(reason);
    await expect(answered).rejects.toBe(reason);
    await server.exchanges[0]?.closed;
    const reading = new AbortController();
    const read = (await model.fetch(`${server.url}/body`, withSignal(reading.signal))).text();
    reading.abort(reason);
    await expect(read).rejects.toBe(reason);
    await server.exchanges[1]?.closed;
  });

  it('ends a stream, and the connection with it', async () => {
    const { server, model } = await setUp((_exchange, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n'));
    const caller = new AbortController();
    const reader = (await model.fetch(server.url, withSignal(caller.signal))).body!.getReader();
    expect(Buffer.from((await reader.read()).value).toString()).toBe('data: 1\n\n');
    caller.abort(new Error('the caller left'));
    await expect(reader.read()).rejects.toThrow('the caller left');
    await server.exchanges[0]?.closed;
  });

  it('is not listened to once the answer is read, or failed', async () => {
    const { server, model } = await setUp((exchange, response) => (exchange.path === '/cut' ? response.socket?.destroy() : response.end('x')));
    const caller = new AbortController();
    await (await model.fetch(server.url, withSignal(caller.signal))).text();
    await expect.poll(() => getEventListeners(caller.signal, 'abort').length).toBe(0);
    await expect(model.fetch(`${server.url}/cut`, withSignal(caller.signal))).rejects.toThrow('fetch failed');
    expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  });
});

it('closes the connection of a body that is given up', async () => {
  const { server, model } = await setUp((_exchange, response) => response.writeHead(200).write('begun'));
  await (await model.fetch(server.url)).body?.cancel();
  await server.exchanges[0]?.closed;
  expect(server.exchanges).toHaveLength(1);
});
