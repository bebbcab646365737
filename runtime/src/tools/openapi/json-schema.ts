import { isJsonObject, type JsonObject } from '../../platform/json-object.ts';
import { OpenapiError } from './openapi-error.ts';

const components = '#/components/schemas/';

/** The value that a reference within the document names. Throws OpenapiError. */
export function resolveReference(document: JsonObject, reference: string): unknown {
  if (!reference.startsWith('#/')) throw new OpenapiError(`the reference ${reference} leads out of the document; only those within it are followed`);
  const parts = reference.slice(2).split('/').map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = parts.reduce<unknown>((at, part) => (isJsonObject(at) && Object.hasOwn(at, part) ? at[part] : undefined), document);
  if (found === undefined) throw new OpenapiError(`the reference ${reference} leads nowhere`);
  return found;
}

/** The object itself, or the one that its `$ref` names. Throws OpenapiError. */
export function dereferenced(document: JsonObject, value: unknown): JsonObject {
  let current = value;
  for (let depth = 0; depth < 16; depth += 1) {
    if (!isJsonObject(current)) throw new OpenapiError('an object was expected where the document has something else');
    if (typeof current['$ref'] !== 'string') return current;
    current = resolveReference(document, current['$ref']);
  }
  throw new OpenapiError('a reference leads to itself');
}

/** What OpenAPI 3.0 writes otherwise than JSON schema. */
function modernised(schema: JsonObject): JsonObject {
  const { nullable, example: _example, xml: _xml, discriminator: _discriminator, externalDocs: _docs, ...rest } = schema;
  const bounded = (['Minimum', 'Maximum'] as const).reduce<JsonObject>((made, side) => {
    const [exclusive, limit] = [`exclusive${side}`, side.toLowerCase()];
    if (typeof made[exclusive] !== 'boolean') return made;
    const { [exclusive]: isExclusive, [limit]: value, ...others } = made;
    return isExclusive === true ? { ...others, [exclusive]: value } : { ...others, [limit]: value };
  }, rest);
  if (nullable !== true) return bounded;
  return typeof bounded['type'] === 'string' ? { ...bounded, type: [bounded['type'], 'null'], ...(Array.isArray(bounded['enum']) ? { enum: [...(bounded['enum'] as unknown[]), null] } : {}) } : { anyOf: [bounded, { type: 'null' }] };
}

/** Members whose own members are names that the author chose, not keywords. */
const mapsOfSchemas = new Set(['properties', 'patternProperties', 'dependentSchemas']);
/** Members that hold data. */
const data = new Set(['enum', 'const', 'default', 'required', 'examples']);

function convertMember(name: string, value: unknown, seen: Set<string>): unknown {
  if (data.has(name)) return value;
  if (mapsOfSchemas.has(name) && isJsonObject(value)) return Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, convert(schema, seen)]));
  return convert(value, seen);
}

function convert(value: unknown, seen: Set<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, seen));
  if (!isJsonObject(value)) return value;
  const reference = value['$ref'];
  if (typeof reference !== 'string') return Object.fromEntries(Object.entries(modernised(value)).map(([name, member]) => [name, convertMember(name, member, seen)]));
  if (!reference.startsWith(components)) throw new OpenapiError(`the schema reference ${reference} is not below ${components}`);
  const name = reference.slice(components.length);
  seen.add(name);
  return { $ref: `#/$defs/${name}` };
}

/** `schema` as JSON schema of draft 2020-12 with the components that it reaches under `$defs`. Throws OpenapiError. */
export function toJsonSchema(document: JsonObject, schema: JsonObject): JsonObject {
  const wanted = new Set<string>();
  const made = convert(schema, wanted) as JsonObject;
  const definitions: Record<string, unknown> = {};
  // A set that grows while it is walked: what a component refers to comes behind it.
  for (const name of wanted) definitions[name] = convert(resolveReference(document, components + name), wanted);
  return wanted.size === 0 ? made : { ...made, $defs: definitions };
}
