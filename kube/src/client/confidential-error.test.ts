import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { isAlreadyExists, KubeError } from '../kube-error.ts';
import { type Secret, secrets } from '../resources/core.ts';
import { connectionTo } from '../testing/connection.ts';
import { answer, type ReceivedRequest, ScriptedServer, status } from '../testing/scripted-server.ts';
import { Transport } from '../transport/transport.ts';
import { withoutSecretValues } from './confidential-error.ts';
import { KubeClient } from './kube-client.ts';

const call = { signal: new AbortController().signal };
const key = { namespace: 'default', name: 'a' };
let server: ScriptedServer;
let transport: Transport;
let kube: KubeClient;

beforeAll(async () => {
  server = await ScriptedServer.listen();
  const clock = new FakeClock();
  clock.sleep = () => Promise.resolve();
  transport = new Transport({ connection: connectionTo(server.url), clock });
  kube = new KubeClient({ transport });
});

afterAll(async () => {
  await transport.close();
  await server.close();
});

function secret(part: Partial<Secret>): Secret {
  return { apiVersion: 'v1', kind: 'Secret', metadata: key, ...part };
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** Every way to write a value. */
const writes: readonly ((value: string) => Promise<unknown>)[] = [
  (value) => kube.create(secrets, secret({ data: { v: base64(value) } }), call),
  (value) => kube.create(secrets, secret({ stringData: { v: value } }), call),
  (value) => kube.replace(secrets, secret({ data: { v: base64(value) } }), call),
  (value) => kube.mergePatch(secrets, key, { stringData: { v: value } }, call),
  (value) => kube.jsonPatch(secrets, key, [{ op: 'replace', path: '/data/v', value: base64(value) }], call),
  (value) => kube.jsonPatch(secrets, key, [{ op: 'add', path: '/stringData', value: { v: value } }], call),
  (value) => kube.apply(secrets, secret({ data: { v: base64(value) } }), { fieldManager: 'me', conflicts: 'force' }, call),
  (value) => kube.subresource(secrets, 'copy').create(key, secret({ stringData: { v: value } }), call),
];

/** How a value is quoted, whole or in part. */
const quotes: readonly ((value: string, request: ReceivedRequest) => string)[] = [
  (value) => `data.v=${base64(value)} is weak`,
  (value) => `'${value}' is in a dictionary`,
  (value) => `Invalid value: ${JSON.stringify(value)}`,
  (value) => JSON.stringify(value).replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
  (value) => `map[v:[${Buffer.from(value).join(' ')}]]`,
  (value) => `?v=${encodeURIComponent(value)}`,
  (_value, request) => `cannot decode ${request.body}`,
  (value, request) => `error found in #10 byte of ...|${request.body.slice(40)}|..., near ...|${value.slice(2)}|... and ${value.slice(0, -2)}...`,
];

/** Where it is quoted. */
const places: readonly ((text: string) => { code: number; body: unknown })[] = [
  (text) => ({ code: 403, body: status(403, 'Forbidden', `admission webhook "policy" denied the request: ${text}`) }),
  (text) => ({ code: 422, body: status(422, 'Invalid', 'no', { details: { causes: [{ reason: text, field: text, message: text }] } }) }),
  (text) => ({ code: 400, body: status(400, text, text) }),
  (text) => ({ code: 502, body: `<html>${text}` }),
  (text) => ({ code: 502, body: `${'x'.repeat(180)}${text}` }),
  (text) => ({ code: 500, body: { echoed: text } }),
];

function shown(error: unknown): string {
  const fault = error as KubeError;
  return [String(fault), fault.stack, JSON.stringify(fault, Object.getOwnPropertyNames(fault)), JSON.stringify(fault.causes), inspect(fault, { depth: 12, showHidden: true, maxStringLength: null })].join('\n');
}

function texts({ message, reason, stack, causes }: KubeError): string {
  return [message, reason, stack, ...causes.flatMap((cause) => [cause.reason, cause.field, cause.message])].join('\n');
}

const value = fc.string({ minLength: 14, maxLength: 60, unit: fc.constantFrom('a', 'Z', '0', '7', '-', '/', '=', '%', '&', '<', '"', '\\', '{', 'é', '\n') }).map((text) => `S3${text.trim()}7Q${text.trim()}`);

describe('the values of a Secret that is written', () => {
  it('are never in the error, however the server quotes them', async () => {
    await fc.assert(fc.asyncProperty(value, fc.constantFrom(...writes), fc.constantFrom(...quotes), fc.constantFrom(...places), async (text, write, quote, place) => {
      server.script((request, response) => {
        const { code, body } = place(quote(text, request));
        answer(response, code, body);
      });
      const error = await write(text).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(KubeError);
      const all = shown(error);
      const forms = [text, base64(text), JSON.stringify(text).slice(1, -1), encodeURIComponent(text), Buffer.from(text).join(' ')];
      for (const form of forms) expect(all.includes(form) ? all : 'clean', `looking for ${form}`).toBe('clean');
      const own = texts(error as KubeError);
      for (let at = 0; at + 8 <= text.length; at++) expect(own.includes(text.slice(at, at + 8)) ? own : 'clean', `looking for a piece, ${text.slice(at, at + 8)}`).toBe('clean');
    }), { numRuns: 300 });
  }, 120_000);

  it('leave what programs compare and people read', async () => {
    server.script((_request, response) => answer(response, 409, status(409, 'AlreadyExists', 'secrets "a" already exists')));
    const error = await kube.create(secrets, secret({ stringData: { v: 'AlreadyExists', w: 'correct horse' } }), call).catch((failure: unknown) => failure);
    expect(isAlreadyExists(error)).toBe(true);
    expect((error as KubeError).stack).toMatch(/^KubeError: secrets "a" already exists.*\n {4}at .*status-error\.ts/);
    expect(error).toMatchObject({ code: 409, method: 'POST', path: '/api/v1/namespaces/default/secrets', message: expect.stringContaining('secrets "a" already exists') as string });
  });

  it('are not in a cause either', () => {
    const cause = new Error('sent hunter2! to it', { cause: new TypeError(`of ${base64('hunter2!')}`) });
    const write = { method: 'PUT', path: '/api/v1/namespaces/n/secrets/s', body: { data: { v: base64('hunter2!') } } } as const;
    const error = withoutSecretValues(new KubeError({ code: 0, reason: 'Network', message: 'hunter2!', cause }), write);
    expect(shown(error)).not.toMatch(/hunter2|aHVudGVyMi/);
    expect(error).toMatchObject({ reason: 'Network', cause: { message: 'sent [redacted] to it', cause: { name: 'TypeError' } } });
  });

  it('of a large Secret cost a moment', () => {
    const write = { method: 'PUT', path: '/api/v1/namespaces/n/secrets/s', body: { data: { v: Buffer.alloc(1_000_000, 'abcdefghij\n').toString('base64') } } } as const;
    const error = withoutSecretValues(new KubeError({ code: 413, reason: 'RequestEntityTooLarge', message: 'too large: abcdefghij' }), write);
    expect((error as KubeError).message).toBe('too large: [redacted]');
  });

  it('of another kind are shown', async () => {
    const error = new KubeError({ code: 422, reason: 'Invalid', message: 'bad hunter2!' });
    expect(withoutSecretValues(error, { method: 'PUT', path: '/api/v1/namespaces/n/configmaps/s', body: { kind: 'ConfigMap', data: { v: 'hunter2!' } } })).toBe(error);
    const other = new RangeError('mine');
    expect(withoutSecretValues(other, { method: 'PUT', path: '/api/v1/namespaces/n/secrets/s', body: { data: { v: 'mine' } } })).toBe(other);
  });
});
