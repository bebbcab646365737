import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { DatabaseError } from 'pg';
import { StoreError } from '../store-error.ts';
import { openPostgres } from './postgres-database.ts';
import { fromPostgres, isSilence } from './postgres-error.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A message of the protocol: its kind, its length, its content. */
function message(kind: string, ...content: readonly (Buffer | string)[]): Buffer {
  const body = Buffer.concat(content.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(kind), length, body]);
}

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
const ready = message('Z', Buffer.from('T'));
const login = Buffer.concat([message('R', bytes(0, 0, 0, 0)), message('Z', Buffer.from('I'))]);
/** One column `now` of the type BIGINT, and a row. */
const begun = Buffer.concat([message('T', bytes(0, 1), 'now', bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 20, 0, 8, 255, 255, 255, 255, 0, 0)), message('D', bytes(0, 1, 0, 0, 0, 1), Buffer.from('7')), message('C', 'SELECT 1'), ready]);
const terminated = message('E', Buffer.from('SFATAL\0VFATAL\0C25P03\0Mterminating connection due to idle-in-transaction timeout\0\0'));

/** A server that lets a transaction begin, and ends its connection while nothing is asked of it. */
async function startServer(onBegun: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    let asked = 0;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      asked += 1;
      socket.write(asked === 1 ? login : begun);
      if (asked === 2) onBegun(socket);
    });
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `postgres://u@127.0.0.1:${(server.address() as AddressInfo).port}/db`;
}

it('outlives a server that ends a connection in the middle of a transaction, and says that it is away', async () => {
  const ended = Promise.withResolvers<void>();
  const url = await startServer((socket) => {
    setTimeout(() => {
      socket.end(terminated);
      ended.resolve();
    }, 20);
  });
  const database = openPostgres({ url, schema: 's', timeoutMs: 5_000 });
  expect(database.pool?.()).toEqual({ inUse: 0, idle: 0, maximum: 10, waiting: 0 });
  const work = database.transaction(async (transaction) => {
    expect(database.pool?.()).toEqual({ inUse: 1, idle: 0, maximum: 10, waiting: 0 });
    await ended.promise;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return await transaction.rows('SELECT 1');
  });
  await expect(work).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable' });
  await database.close();
});

it('does not ask a server once more that did not answer, and leaves its connection', async () => {
  const said: string[] = [];
  const left = Promise.withResolvers<void>();
  const url = await startServer((socket) => {
    socket.removeAllListeners('data').on('data', (chunk: Buffer) => said.push(chunk.toString('latin1')));
    socket.on('close', () => left.resolve());
  });
  const database = openPostgres({ url, schema: 's', timeoutMs: 50 });
  const error: unknown = await database.transaction((transaction) => transaction.rows('SELECT 7')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'StoreError', failure: 'unavailable' });
  expect(isSilence(error)).toBe(true);
  await left.promise;
  expect(said.join('')).toContain('SELECT 7');
  expect(said.join('')).not.toContain('ROLLBACK');
  await database.close();
});

it.each<[string, object, string]>([
  ['a name that is none', { code: 'ENOTFOUND', hostname: 'db.shopp' }, 'the host name "db.shopp" of Postgres does not resolve'],
  ['a name server that is away', { code: 'EAI_AGAIN', hostname: 'db' }, 'the host name "db" of Postgres cannot be looked up just now'],
  ['a name that may be a part of a secret', { code: 'ENOTFOUND', hostname: 'pass word' }, 'the host name of Postgres does not resolve'],
  ['a port that refuses', { code: 'ECONNREFUSED' }, 'nobody takes connections where Postgres is looked for (ECONNREFUSED)'],
  ['anything else', { code: 'ETIMEDOUT' }, 'Postgres cannot be reached, or did not answer in time'],
])('says of %s why the server is away', (_, facts, sentence) => {
  const error = fromPostgres(Object.assign(new Error('of the client'), facts));
  expect(error).toMatchObject({ failure: 'unavailable', message: expect.stringContaining(sentence) });
  expect(isSilence(error)).toBe(true);
});

it('names a host that does not resolve, and nothing else of its URL', async () => {
  const database = openPostgres({ url: 'postgres://u:very-secret@nobody.invalid:5432/db', schema: 's', timeoutMs: 30_000 });
  const error: unknown = await database.transaction((transaction) => transaction.rows('SELECT 7')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: 'StoreError', failure: 'unavailable', message: expect.stringContaining('the host name "nobody.invalid" of Postgres') });
  expect(String(error)).not.toMatch(/very-secret|5432/);
  await database.close();
});

it.each<[string, unknown, boolean]>([
  ['no answer', new StoreError('unavailable', 'x', { cause: new Error('timeout') }), true],
  ['an answer that it is too slow', fromPostgres(Object.assign(new DatabaseError('x', 1, 'error'), { code: '57014' })), false],
  ['a refusal', new StoreError('rejected', 'x'), false],
  ['something else', new Error('x'), false],
])('%s: whether the server was silent', (_, error, silent) => {
  expect(isSilence(error)).toBe(silent);
});
