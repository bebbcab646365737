import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

const jwt = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl';

function logged(secrets: readonly string[], write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: 'trace', revision: 'r1', secrets: () => secrets, destination: { write: (line) => lines.push(line) } }));
  const text = lines.join('');
  expect(() => JSON.parse(text)).not.toThrow();
  return text;
}

class SdkError extends Error {
  override readonly name = 'SdkError';
  readonly headers = { authorization: 'Bearer CANARY-key-00001' };
  readonly request = { body: 'CANARY prompt' };
}

describe('no log line holds', () => {
  it.each<[string, object, string, (readonly string[])?]>([
    ['a known key in the message', {}, 'refused CANARY-known', ['CANARY-known']],
    ['a known password with signs that JSON escapes', { reason: 'p"CANARY\\x was refused' }, 'p"CANARY\\x', ['p"CANARY\\x']],
    ['a known key deep within', { a: { b: [{ c: 'x CANARY-known y' }] } }, 'm', ['CANARY-known']],
    ['a known key as the name of a member', { 'CANARY-known': 1 }, 'm', ['CANARY-known']],
    ['a bearer token in the message', {}, 'sent authorization: Bearer CANARY-token-1'],
    ['a bearer token in an error', { err: new Error('401 for Bearer CANARY-token-1') }, 'failed'],
    ['basic credentials', { err: new Error('Basic Q0FOQVJZOmNhbmFyeQ==CANARY') }, 'failed'],
    ['a web token', { reason: `token ${jwt}` }, `bad ${jwt}`],
    ['a key of a provider in an error', { err: new Error('Incorrect API key provided: sk-proj-CANARY0000000000000') }, 'failed'],
    ['a key of a forge', { note: 'ghp_CANARY00000000000000000000' }, 'm'],
    ['a secret of callbacks', { note: 'whsec_CANARY0000000000000000' }, 'm'],
    ['the password of a store', { err: new Error('cannot reach postgres://sluice:CANARY@db:5432/x') }, 'failed'],
    ['the password of a user without a name', { err: new Error('redis://:CANARY@cache:6379') }, 'failed'],
    ['a key in a query', { url: 'https://tools.example.com/v1?api_key=CANARY&x=1' }, 'm'],
    ['a credential at the start of a line', { err: new Error('failed\nBearer CANARY-token-1\nsk-CANARY0000000000000\napi_key=CANARY-1') }, 'm'],
    ['a header as text', {}, 'x-api-key: CANARY-12345'],
    ['a password in JSON text', { details: '{"password":"CANARY-12345"}' }, 'm'],
    ['the headers of a request', { headers: { authorization: 'CANARY', cookie: 'CANARY' } }, 'm'],
    ['the headers of a request within', { request: { headers: { 'x-api-key': 'CANARY' } } }, 'm'],
    ['what an error of an SDK holds', { err: new SdkError('failed', { cause: new Error('CANARY') }) }, 'm'],
    ['a prompt', { prompt: 'CANARY' }, 'm'],
    ['what is told of a request beforehand', { request: { id: 'r', body: 'CANARY' } }, 'm'],
    ['messages', { messages: [{ role: 'user', content: 'CANARY' }] }, 'm'],
    ['an input and an answer', { request: { input: 'CANARY', answer: 'CANARY' } }, 'm'],
    ['arguments of a tool', { tool: { arguments: 'CANARY' } }, 'm'],
    ['an error that is thrown text', { err: 'CANARY' }, 'm'],
  ])('%s', (_name, fields, message, secrets = []) => {
    const text = logged(secrets, (logger) => logger.error(fields, message));
    expect(text).not.toMatch(/CANARY|eyJ/);
  });

  it('a secret, whatever it is and wherever it stands', () => {
    const secret = fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{8,40}$/);
    fc.assert(
      fc.property(secret, fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (key, before, after) => {
        fc.pre(!'{"level":"error","time":"","service":"sluice-runtime","revision":"r1","note":"","msg":"failed"}'.includes(key));
        expect(logged([key], (logger) => logger.error({ note: `${before}${key}${after}` }, 'failed'))).not.toContain(key);
      }),
    );
  });

  it('in a time that goes by the length of a line, whatever it is made of', () => {
    const note = 'eyJ-'.repeat(30_000);
    expect(JSON.parse(logged([], (logger) => logger.info({ note }, 'm')))).toMatchObject({ note });
  });

  it('but what is none is left as it is', () => {
    const fields = { request_id: 'r-1', trace_id: '0af7651916cd43dd8448eb211c80319c', tool: 'ticket_read', job: 'task-abcdefghijklmnopqrst', file: 'sketching_something_long',  reason: 'HTTP 503', url: 'https://tools.example.com/v1/tickets/7?expand=all', duration_ms: 12, password_reset: 'no' };
    expect(JSON.parse(logged([], (logger) => logger.info(fields, 'the bearer of a token was told')))).toMatchObject(fields);
  });
});
