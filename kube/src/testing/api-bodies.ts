import { parse } from 'yaml';
import type { KubeObject, ObjectKey } from '../object.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import { isCustom } from './api-path.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { Refusal } from './refusal.ts';
import type { ReceivedRequest } from './scripted-server.ts';

/** The body as JSON; YAML where the content type says so. Throws Refusal (400) when it is neither. */
export function bodyOf(request: ReceivedRequest): unknown {
  try {
    return /yaml/.test(contentTypeOf(request)) ? parse(request.body) : JSON.parse(request.body);
  } catch (error) {
    throw new Refusal(400, 'BadRequest', `the body cannot be read: ${String(error)}`);
  }
}

/** Like {@link bodyOf}, but an empty body is an object without members. */
export function optionsOf(request: ReceivedRequest): JsonObject {
  const body = request.body === '' ? {} : bodyOf(request);
  return isJsonObject(body) ? body : {};
}

export function contentTypeOf({ headers }: ReceivedRequest): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
}

/**
 * What was sent as an object of the kind at `key`; `key.name` '' leaves the name to the body. Throws Refusal when it is another kind's
 * (422 for a custom resource) or another object's (400).
 */
export function objectIn<T extends KubeObject>(type: ResourceType<T>, sent: unknown, key: ObjectKey): T {
  if (!isJsonObject(sent)) throw new Refusal(400, 'BadRequest', 'the body is no object');
  const { apiVersion = apiVersionOf(type), kind = type.kind, metadata = {} } = sent;
  if (apiVersion !== apiVersionOf(type) || kind !== type.kind) {
    const [code, reason] = isCustom(type) && apiVersion === apiVersionOf(type) ? [422, 'Invalid'] as const : [400, 'BadRequest'] as const;
    throw new Refusal(code, reason, `the body is a ${String(apiVersion)} ${String(kind)}; this is the place of ${apiVersionOf(type)} ${type.kind}`);
  }
  if (!isJsonObject(metadata)) throw new Refusal(400, 'BadRequest', 'metadata is no object');
  const named: JsonObject = { ...metadata, ...(key.namespace === '' ? {} : { namespace: metadata['namespace'] ?? key.namespace }) };
  if (key.namespace !== '' && named['namespace'] !== key.namespace) {
    throw new Refusal(400, 'BadRequest', `the namespace of the provided object does not match the namespace sent on the request: '${String(named['namespace'])}' and '${key.namespace}'`);
  }
  if (key.name !== '' && named['name'] !== key.name) {
    throw new Refusal(400, 'BadRequest', `the name of the object (${String(named['name'])}) does not match the name on the URL (${key.name})`);
  }
  return { ...sent, apiVersion, kind, metadata: named } as unknown as T;
}
