import { RequestMalformedError } from '@a2a-js/sdk/errors';
import { isJsonObject, type JsonObject } from '../platform/json-object.ts';
import { deepestNesting, isNestedDeeper } from '../tools/nesting.ts';

/** One call of JSON-RPC 2.0 as the body of a request has it. */
export interface Rpc {
  readonly body: Readonly<Record<string, unknown>>;
  readonly id: string | number | null;
  readonly method: string;
  readonly params: unknown;
}

/** The id that an answer repeats: null for a body that has none that may be one. */
export function idOf(body: unknown): Rpc['id'] {
  const id = isJsonObject(body) ? body['id'] : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}

/** Undefined for a body that is no call of JSON-RPC 2.0. */
export function rpcOf(body: unknown): Rpc | undefined {
  if (!isJsonObject(body) || body['jsonrpc'] !== '2.0' || typeof body['method'] !== 'string' || body['method'] === '') return undefined;
  return { body, id: idOf(body), method: body['method'], params: body['params'] };
}

const longestTenant = 256;

/** What the library takes as it comes and keeps: the tenant names where a task is kept, and everything is copied by recursion. Throws RequestMalformedError. */
export function checkParams({ params }: Rpc): void {
  if (isNestedDeeper(params)) throw new RequestMalformedError(`params are nested more than ${deepestNesting} levels deep`);
  const tenant = isJsonObject(params) ? params['tenant'] : undefined;
  if (tenant === undefined || (typeof tenant === 'string' && tenant.length <= longestTenant)) return;
  throw new RequestMalformedError(`params.tenant must be a text of ${longestTenant} characters at most`);
}

/** The call as the library is given it: this agent does not look at other tasks that a message refers to, and the library would write each that it does not know to the console. */
export function withoutReferences({ body, params }: Rpc): JsonObject {
  if (!isJsonObject(params) || !isJsonObject(params['message']) || params['message']['referenceTaskIds'] === undefined) return body;
  const { referenceTaskIds: _, ...message } = params['message'];
  return { ...body, params: { ...params, message } };
}
