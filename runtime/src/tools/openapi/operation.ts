import type { BundleOpenapi } from '@sluice/crds';
import type { HttpMethod } from '../../egress/transport.ts';
import type { ArgumentPlaces, HttpTarget } from '../http-tool.ts';
import { isJsonObject, type JsonObject } from '../../platform/json-object.ts';
import { dereferenced, toJsonSchema } from './json-schema.ts';
import { OpenapiError } from './openapi-error.ts';

/** How one operation is called. */
export interface Operation {
  readonly target: HttpTarget;
  readonly parameters: JsonObject;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: JsonObject;
}

interface FoundOperation {
  readonly method: HttpMethod;
  readonly path: string;
  readonly item: JsonObject;
  readonly operation: JsonObject;
}

const methods: Readonly<Record<string, HttpMethod>> = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' };

/** Arguments of this name are the body of a request. */
const bodyArgument = 'body';

function operationsOf(document: JsonObject): readonly FoundOperation[] {
  const paths = document['paths'];
  return Object.entries(isJsonObject(paths) ? paths : {}).flatMap(([path, value]) => {
    const item = dereferenced(document, value);
    return Object.entries(methods).flatMap(([member, method]) => (isJsonObject(item[member]) ? [{ method, path, item, operation: item[member] }] : []));
  });
}

function findOperation(document: JsonObject, operationId: string): FoundOperation {
  const operations = operationsOf(document);
  const found = operations.find(({ operation }) => operation['operationId'] === operationId);
  if (found !== undefined) return found;
  const known = operations.flatMap(({ operation }) => (typeof operation['operationId'] === 'string' ? [operation['operationId']] : []));
  throw new OpenapiError(`there is no operation ${operationId}; the document has ${known.slice(0, 10).join(', ') || 'none with an operationId'}`);
}

/** OpenAPI wants these ignored; what they say comes from elsewhere. */
const ignoredHeaders = new Set(['accept', 'content-type', 'authorization']);
/** They say where a request goes and where it ends, which is no business of a model. */
const connectionHeaders = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect', 'keep-alive', 'proxy-authorization', 'proxy-connection']);

function parameterOf(document: JsonObject, value: unknown): Parameter | undefined {
  const { name, in: place, required, schema, description } = dereferenced(document, value);
  if (typeof name !== 'string') throw new OpenapiError('a parameter has no name');
  if (place === 'header' && ignoredHeaders.has(name.toLowerCase())) return undefined;
  if (place === 'header' && connectionHeaders.has(name.toLowerCase())) {
    if (required === true) throw new OpenapiError(`the parameter ${name} is a header of the connection, which a tool cannot send`);
    return undefined;
  }
  if (place !== 'path' && place !== 'query' && place !== 'header') {
    if (required === true) throw new OpenapiError(`the parameter ${name} is in ${String(place)}, which a tool cannot send`);
    return undefined;
  }
  const described = { ...(isJsonObject(schema) ? schema : {}), ...(typeof description === 'string' ? { description } : {}) };
  return { name, in: place, required: place === 'path' || required === true, schema: described };
}

/** Parameters of the operation stand in for those of its path with the same name and place. */
function parametersOf(document: JsonObject, { item, operation }: FoundOperation): readonly Parameter[] {
  const lists = [item['parameters'], operation['parameters']].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []));
  const all = lists.flatMap((value) => parameterOf(document, value) ?? []);
  return [...new Map(all.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values()];
}

interface Body {
  readonly required: boolean;
  readonly schema: JsonObject;
}

function bodyOf(document: JsonObject, { operation }: FoundOperation): Body | undefined {
  if (operation['requestBody'] === undefined) return undefined;
  const { content, required } = dereferenced(document, operation['requestBody']);
  const json = Object.entries(isJsonObject(content) ? content : {}).find(([type]) => /^application\/([\w.+-]*\+)?json\b/i.test(type))?.[1];
  if (isJsonObject(json)) return { required: required === true, schema: isJsonObject(json['schema']) ? json['schema'] : {} };
  if (required === true) throw new OpenapiError('the body of the operation is not JSON, and a tool sends nothing else');
  return undefined;
}

function schemaOf(document: JsonObject, parameters: readonly Parameter[], body: Body | undefined): JsonObject {
  const properties = Object.fromEntries([...parameters.map(({ name, schema }) => [name, schema] as const), ...(body === undefined ? [] : [[bodyArgument, body.schema] as const])]);
  const required = [...parameters.filter((each) => each.required).map(({ name }) => name), ...(body?.required === true ? [bodyArgument] : [])];
  const made = toJsonSchema(document, { type: 'object', properties, additionalProperties: false });
  return required.length === 0 ? made : { ...made, required };
}

function placesOf(parameters: readonly Parameter[], body: Body | undefined): ArgumentPlaces {
  const namesIn = (place: Parameter['in']) => parameters.filter((each) => each.in === place).map(({ name }) => name);
  return { query: namesIn('query'), headers: namesIn('header'), body: body === undefined ? undefined : bodyArgument };
}

function uniqueNames(parameters: readonly Parameter[], body: Body | undefined): void {
  const names = [...parameters.map(({ name }) => name), ...(body === undefined ? [] : [bodyArgument])];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new OpenapiError(`two parameters of the operation are called ${twice}`);
}

/** One operation of a parsed document as a request to the server that the bundle names. Throws OpenapiError. */
export function readOperation(document: JsonObject, operationId: string, { url, allowedHosts, allowedNetworks }: Omit<BundleOpenapi, 'name' | 'document'>): Operation {
  const found = findOperation(document, operationId);
  const parameters = parametersOf(document, found);
  const body = bodyOf(document, found);
  uniqueNames(parameters, body);
  const target = { method: found.method, url: url.replace(/\/$/, '') + found.path, allowedHosts, allowedNetworks, places: placesOf(parameters, body) };
  return { target, parameters: schemaOf(document, parameters, body) };
}
