import { once } from 'node:events';
import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { ClusterConnection } from '../config/connection.ts';
import { isJsonObject } from './json-value.ts';

/** A request that a test sends to two servers. In `body`, `{version}` and `{uid}` stand for those of the object at `path` on that server. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After the collection's path. */
  readonly path?: string;
  readonly type?: string;
  readonly body?: unknown;
}

export interface Exchanged {
  readonly code: number;
  /** Of a Status that tells of a failure. */
  readonly reason: unknown;
  /** What was answered, without what differs between any two servers. */
  readonly body: unknown;
}

const DIFFERENT: ReadonlySet<string> = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'namespace', 'continue', 'remainingItemCount', 'deletionTimestamp']);

/** Without members that differ from server to server; of a deletion time only that there is one. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isJsonObject(value)) return value;
  const kept = Object.entries(value).filter(([name]) => !DIFFERENT.has(name)).map(([name, member]) => [name, comparable(member)] as const);
  return { ...Object.fromEntries(kept), ...('deletionTimestamp' in value ? { deletionTimestamp: 'set' } : {}) };
}

/** Sends it to `collection` of the server, and reads the answer. */
export async function exchange(connection: ClusterConnection, collection: string, asked: Exchange): Promise<Exchanged> {
  const path = `${collection}${asked.path ?? ''}`;
  const text = asked.body === undefined ? '' : JSON.stringify(asked.body);
  const { code, body } = await send(connection, { ...asked, path, text: text.includes('{version}') || text.includes('{uid}') ? await filled(connection, path, text) : text });
  const failed = isJsonObject(body) && body['kind'] === 'Status' && body['status'] === 'Failure';
  return { code, reason: failed ? body['reason'] : undefined, body: failed ? 'Failure' : comparable(body) };
}

async function filled(connection: ClusterConnection, path: string, text: string): Promise<string> {
  const { body } = await send(connection, { method: 'GET', path: path.replace(/\/status$|\?.*$/, ''), text: '' });
  const { resourceVersion, uid } = (body as { metadata: { resourceVersion: string; uid: string } }).metadata;
  return text.replaceAll('{version}', resourceVersion).replaceAll('{uid}', uid);
}

async function send(connection: ClusterConnection, { method, path, type = 'application/json', text }: { method: string; path: string; type?: string; text: string }): Promise<{ code: number; body: unknown }> {
  const signal = AbortSignal.timeout(20_000);
  const [{ authorization, certificate }, { ca }] = [await connection.credentials.current({ signal }), await connection.trust()];
  const url = new URL(connection.server + path);
  const headers = { 'user-agent': 'table/1', ...(text === '' ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(text)) }), ...(authorization === undefined ? {} : { authorization }) };
  const secrets = { ...(ca === undefined ? {} : { ca }), ...(certificate === undefined ? {} : { cert: certificate.cert, key: certificate.key }) };
  const options = { method, headers, signal };
  const sent = url.protocol === 'https:' ? secureRequest(url, { ...options, ...secrets }) : plainRequest(url, options);
  sent.end(text);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { code: response.statusCode ?? 0, body: body.startsWith('{') ? JSON.parse(body) : body };
}
