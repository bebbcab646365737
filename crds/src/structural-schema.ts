import { z } from 'zod';

/** A structural OpenAPI v3 schema as apiextensions/v1 wants it; plain JSON. */
export type StructuralSchema = { [key: string]: unknown };

/** A construct that zod can express and a Kubernetes structural schema cannot. Thrown while generating, never at run time. */
export class NotStructuralError extends Error {
  override readonly name = 'NotStructuralError';
}

/** What `.meta({ k8s })` may carry: `x-kubernetes-*` keys and a schema `default`. */
export type KubernetesMeta = { readonly [key: string]: unknown };

/** For `.meta()` of a field with a default, in an item of a list: who reads it adds the default, the API server does not (eval-suite/case-defaults.ts says why). */
export const defaultWhenRead = { defaultWhenRead: true } as const;

/** CEL rules for `.meta()`. Each message says which field is wrong and what to write instead. */
export function rules(...validations: readonly CelRule[]): { k8s: KubernetesMeta } {
  return { k8s: { 'x-kubernetes-validations': validations } };
}

export interface CelRule {
  readonly rule: string;
  readonly message?: string;
  /** A CEL expression for a message that quotes the refused value; `message` is its fallback. */
  readonly messageExpression?: string;
  readonly fieldPath?: string;
  /** The rule is asked of new objects, too, where `oldSelf` has no value. Kubernetes 1.30. */
  readonly optionalOldSelf?: true;
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate';
}

/** zod schema to apiextensions/v1 structural schema. Throws NotStructuralError on what Kubernetes cannot hold. */
export function toStructuralSchema(schema: z.ZodType): StructuralSchema {
  return z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    reused: 'inline',
    cycles: 'throw',
    unrepresentable: 'throw',
    override: ({ zodSchema, jsonSchema, path }) => {
      const node = jsonSchema as StructuralSchema;
      const at = path.join('.') || '<root>';
      if (isEmptyAdditionalProperties(node, at)) return;
      openObjects(node);
      dropZodNoise(node);
      dropReadDefault(node);
      refuseForeign(node, at);
      Object.assign(node, kubernetesMeta(zodSchema));
      delete node['k8s'];
      requireType(node, at);
    },
  });
}

function kubernetesMeta(schema: z.core.$ZodType): KubernetesMeta {
  const meta = z.globalRegistry.get(schema) as { k8s?: KubernetesMeta } | undefined;
  return meta?.k8s ?? {};
}

/** `z.looseObject` leaves an empty `additionalProperties: {}` child, which its parent turns into preserve-unknown-fields. */
function isEmptyAdditionalProperties(node: StructuralSchema, at: string): boolean {
  return at.endsWith('additionalProperties') && Object.keys(node).length === 0;
}

function openObjects(node: StructuralSchema): void {
  const extra = node['additionalProperties'];
  if (extra === false) delete node['additionalProperties']; // the API server prunes instead
  if (typeof extra === 'object' && extra !== null && Object.keys(extra).length === 0) {
    delete node['additionalProperties'];
    node['x-kubernetes-preserve-unknown-fields'] = true;
  }
}

function dropZodNoise(node: StructuralSchema): void {
  if (node['maximum'] === Number.MAX_SAFE_INTEGER) delete node['maximum'];
  if (node['minimum'] === Number.MIN_SAFE_INTEGER) delete node['minimum'];
  if (node['type'] === 'integer') node['format'] ??= 'int64';
  if (node['format'] === 'date-time') delete node['pattern'];
  if (node['propertyNames'] !== undefined) delete node['propertyNames'];
}

function dropReadDefault(node: StructuralSchema): void {
  if (node['defaultWhenRead'] === undefined) return;
  delete node['defaultWhenRead'];
  delete node['default'];
}

/** What apiextensions/v1 JSONSchemaProps knows and a structural schema may hold. `x-kubernetes-*` comes on top. */
const structuralKeywords = new Set([
  'type', 'format', 'description', 'default', 'enum', 'nullable', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'exclusiveMinimum',
  'exclusiveMaximum', 'multipleOf', 'items', 'minItems', 'maxItems', 'properties', 'required', 'additionalProperties', 'minProperties', 'maxProperties', 'k8s',
]);

function refuseForeign(node: StructuralSchema, at: string): void {
  const pattern = node['pattern'];
  if (typeof pattern === 'string' && /\(\?[=!<]/.test(pattern)) {
    throw new NotStructuralError(`${at}: pattern ${pattern} uses a lookaround, which Go's RE2 cannot compile`);
  }
  if (node['oneOf'] ?? node['anyOf'] ?? node['allOf']) {
    throw new NotStructuralError(`${at}: a union is not structural; use optional members and a CEL rule`);
  }
  if (isTuple(node['items'])) throw new NotStructuralError(`${at}: a tuple is not structural; use an object with named members`);
  for (const keyword of Object.keys(node)) {
    if (!structuralKeywords.has(keyword) && !keyword.startsWith('x-kubernetes-')) {
      throw new NotStructuralError(`${at}: a Kubernetes schema has no keyword "${keyword}"`);
    }
  }
}

/** zod writes a tuple as a list of a union, which the override hook is not shown. */
function isTuple(items: unknown): boolean {
  return typeof items === 'object' && items !== null && ('anyOf' in items || Array.isArray(items));
}

function requireType(node: StructuralSchema, at: string): void {
  const open = node['x-kubernetes-int-or-string'] ?? node['x-kubernetes-preserve-unknown-fields'];
  if (node['type'] === undefined && open === undefined) throw new NotStructuralError(`${at}: the schema has no type`);
}
