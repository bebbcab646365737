import { parse } from 'yaml';
import { isJsonObject, type JsonObject } from '../../platform/json-object.ts';
import { OpenapiError } from './openapi-error.ts';

/** Anchors of YAML may multiply a document; so many are enough for any that is meant to be read. */
const maximumAliases = 100;

/** Reads OpenAPI 3.0 or 3.1, JSON or YAML. Throws OpenapiError. */
export function parseOpenapi(text: string): JsonObject {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: maximumAliases, logLevel: 'error' });
  } catch (cause) {
    throw new OpenapiError('the document is neither JSON nor YAML', { cause });
  }
  if (!isJsonObject(document) || !/^3\.[01]\./.test(String(document['openapi']))) throw new OpenapiError('the document is not of OpenAPI 3.0 or 3.1: it must begin with openapi: 3.x.y');
  return document;
}
