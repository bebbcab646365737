import { isDeepStrictEqual } from 'node:util';
import type { RevisionRecord } from '@sluice/operator/src/revision/record.ts';
import { printable } from '../terminal/printable.ts';
import { lineChanges } from './line-changes.ts';

/** Lines that stay, shown before and after each that changes. */
const context = 1;

/**
 * What differs between two revisions, line by line; [] where nothing does. Prompts, image and model are shown; of all the rest (tools, limits,
 * pods, network) only what changed, never a value: a person may have written a secret there. Pure.
 */
export function revisionDiff(before: RevisionRecord, after: RevisionRecord): string[] {
  return [
    ...valueLine('image', before.image, after.image),
    ...valueLine('model', before.model, after.model),
    ...promptLines(before.bundle.prompt, after.bundle.prompt),
    ...toolLines(before, after),
    ...placeLines('model.', { ...before.bundle.model, name: '' }, { ...after.bundle.model, name: '' }),
    ...placeLines('limits.', before.bundle.limits, after.bundle.limits),
    ...placeLines('', { egress: before.egress }, { egress: after.egress }),
    ...placeLines('pod ', podsOf(before), podsOf(after)),
    ...namedLines('ConfigMap', namesOf(before.configMaps), namesOf(after.configMaps)),
    ...namedLines('Secret', before.secrets ?? {}, after.secrets ?? {}),
  ];
}

function valueLine(what: string, before: string, after: string): string[] {
  return before === after ? [] : [`${what}: ${printable(before)} -> ${printable(after)}`];
}

function promptLines(before: string, after: string): string[] {
  if (before === after) return [];
  const changes = lineChanges(before, after);
  const isShown = (index: number) => changes.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== ' ');
  return ['prompt:', ...changes.flatMap(({ sign, line }, index) => (isShown(index) ? [`  ${sign} ${printable(line)}`.trimEnd()] : []))];
}

function toolLines({ bundle: { tools: before } }: RevisionRecord, { bundle: { tools: after } }: RevisionRecord): string[] {
  const byName = (tools: typeof before) => Object.fromEntries(tools.map((tool) => [tool.name, tool]));
  return namedLines('tool', byName(before), byName(after));
}

/** The image is shown apart, and the name of the revision stands in many places. */
function podsOf({ podTemplate, revision, image }: RevisionRecord): unknown {
  return JSON.parse(JSON.stringify(podTemplate).replaceAll(revision, '').replaceAll(JSON.stringify(image), '""'));
}

function namesOf(configMaps: RevisionRecord['configMaps'] = []): Readonly<Record<string, unknown>> {
  return Object.fromEntries(configMaps.map((configMap) => [configMap.name, configMap]));
}

function namedLines(kind: string, before: Readonly<Record<string, unknown>>, after: Readonly<Record<string, unknown>>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted().flatMap((name) => {
    if (!(name in before)) return [`${kind} ${name}: added`];
    if (!(name in after)) return [`${kind} ${name}: removed`];
    const places = placesOf(before[name], after[name], '');
    return places.length === 0 ? [] : [`${kind} ${name}: changed${places[0] === '' || kind !== 'tool' ? '' : ` (${places.join(', ')})`}`];
  });
}

function placeLines(prefix: string, before: unknown, after: unknown): string[] {
  return placesOf(before, after, '').map((place) => `${prefix}${place}: changed`);
}

/** Paths of the outermost parts that differ in kind, or in value. */
function placesOf(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isObject(before) || !isObject(after) || Array.isArray(before) !== Array.isArray(after)) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key) => placesOf(before[key], after[key], printable(Array.isArray(after) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`)));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
