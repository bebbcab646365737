import type { Problem } from './problem.ts';
import { quote } from './quote.ts';
import { isRecord, type Schema } from './schema-visit.ts';

const open = { 'x-kubernetes-preserve-unknown-fields': true };
const texts = { type: 'object', additionalProperties: { type: 'string' } };

/** metav1.ObjectMeta as far as a file is concerned; the CRD leaves it to the API server. */
export const metadataSchema: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' }, generateName: { type: 'string' }, namespace: { type: 'string' }, labels: texts, annotations: texts,
    finalizers: open, ownerReferences: open, managedFields: open, uid: open, resourceVersion: open, generation: open, selfLink: open,
    creationTimestamp: open, deletionTimestamp: open, deletionGracePeriodSeconds: open,
  },
};

/** What is wrong with the name, the labels and the annotations of a manifest. */
export function metadataProblems(manifest: Readonly<Record<string, unknown>>): Problem[] {
  const { metadata } = manifest;
  if (metadata === undefined) return [{ path: 'metadata', finding: 'is missing', fix: 'write an object with name' }];
  if (!isRecord(metadata)) return [{ path: 'metadata', finding: `is ${quote(metadata, [])}`, fix: 'write an object with name' }];
  return [...nameProblems(metadata), ...['labels', 'annotations'].flatMap((field) => textProblems(field, metadata[field]))];
}

function nameProblems({ name, generateName }: Readonly<Record<string, unknown>>): Problem[] {
  if (typeof name === 'string' && name !== '') return [];
  if (name === undefined && typeof generateName === 'string') return [];
  return [{ path: 'metadata.name', finding: name === undefined ? 'is missing' : `is ${quote(name, [])}`, fix: 'write the name of the object as a text' }];
}

function textProblems(field: string, value: unknown): Problem[] {
  if (value === undefined || value === null) return [];
  if (!isRecord(value)) return [{ path: `metadata.${field}`, finding: `is ${quote(value, [])}`, fix: 'write an object whose values are texts' }];
  return Object.entries(value)
    .filter(([, text]) => typeof text !== 'string')
    .map(([key, text]) => ({ path: `metadata.${field}["${key}"]`, finding: `is ${quote(text, [])}`, fix: 'write a text: put it in quotes' }));
}
