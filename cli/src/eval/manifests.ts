import { apiGroup, type KeyReference, type KindDefinition } from '@sluice/crds';
import { CliError } from '../cli-error.ts';
import { exitCode } from '../exit-code.ts';
import { checkManifest } from '../lint/check-manifest.ts';
import { readDocuments } from '../lint/documents.ts';
import { problemLine } from '../lint/problem.ts';
import { isRecord } from '../lint/schema-visit.ts';
import type { Surroundings } from '../surroundings.ts';

/** One object of a file, as it is written. */
export interface Manifest {
  readonly file: string;
  /** Counted from 1. */
  readonly document: number;
  readonly kind: string;
  readonly name: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/** All objects of the files and folders. Throws CliError for what cannot be read. */
export async function readManifests(paths: readonly string[], surroundings: Pick<Surroundings, 'readFile' | 'manifestFiles'>): Promise<readonly Manifest[]> {
  const found: Manifest[] = [];
  for (const path of paths) {
    const files = await surroundings.manifestFiles(path).catch((error: unknown) => { throw unreadable(path, error); });
    for (const file of files) found.push(...manifestsOf(file, await surroundings.readFile(file).catch((error: unknown) => { throw unreadable(file, error); })));
  }
  return found;
}

/** A file that a command line names cannot be read. */
export function unreadable(path: string, error: unknown): CliError {
  return new CliError(`cannot read "${path}": ${error instanceof Error ? error.message : String(error)}; check the path`, { exitCode: exitCode.noInput, cause: error });
}

function manifestsOf(file: string, text: string): readonly Manifest[] {
  return readDocuments(text).flatMap(({ number, value, errors }) => {
    const [error] = errors;
    if (error !== undefined) throw badInput(`${file}: document ${number}: ${error}`);
    return itemsOf(value).flatMap((item) => named(file, number, item));
  });
}

function itemsOf(value: unknown): readonly unknown[] {
  return isRecord(value) && value['kind'] === 'List' && Array.isArray(value['items']) ? value['items'] : [value];
}

function named(file: string, document: number, value: unknown): readonly Manifest[] {
  if (!isRecord(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') return [];
  const isOurs = value['apiVersion'].startsWith(`${apiGroup}/`);
  if (!isOurs && value['apiVersion'] !== 'v1') return [];
  const name = isRecord(value['metadata']) ? value['metadata']['name'] : undefined;
  return [{ file, document, kind: value['kind'], name: typeof name === 'string' ? name : '', value }];
}

/**
 * The object of our group that a manifest stands for, with its defaults, once the checks of `lint` have found nothing wrong with it.
 * Throws CliError (badInput) with every problem otherwise.
 */
export function checkedObject(manifest: Manifest, { spec }: Pick<KindDefinition, 'spec'>, now: number): object {
  const finding = checkManifest(manifest.value, { now });
  const place = { file: manifest.file, document: manifest.document, subject: `${manifest.kind}/${manifest.name}` };
  if (finding.kind === 'Checked' && finding.problems.length > 0) throw badInput(finding.problems.map((problem) => problemLine(place, problem)).join('; '));
  return { ...manifest.value, spec: spec.parse(manifest.value['spec']) };
}

/** The text that a field refers to, from the ConfigMaps of the files. Throws CliError (badInput) that names the field. */
export function configMapText({ name, key }: KeyReference, field: string, manifests: readonly Manifest[]): string {
  const found = manifests.find((each) => each.kind === 'ConfigMap' && each.name === name);
  if (found === undefined) throw badInput(`${field}.name is "${name}", and the files hold no ConfigMap of that name: name its manifest by -f too`);
  const data = found.value['data'];
  const text: unknown = isRecord(data) && Object.hasOwn(data, key) ? data[key] : undefined;
  if (typeof text !== 'string' || text === '') throw badInput(`${field}.key is "${key}", which is no text in the data of ConfigMap "${name}" of ${found.file}: correct one of the two`);
  return text;
}

export function badInput(sentence: string, cause?: unknown): CliError {
  return new CliError(sentence, { exitCode: exitCode.badInput, cause });
}
