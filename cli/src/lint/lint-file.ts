import { checkManifest } from './check-manifest.ts';
import { readDocuments, type YamlDocument } from './documents.ts';
import { noteLine, type Place, problemLine } from './problem.ts';
import { isRecord } from './schema-visit.ts';

/** What is to be said about one file, line by line, in the order of the file. */
export interface FileReport {
  readonly problems: readonly string[];
  /** Manifests that were not looked at, and why. */
  readonly notes: readonly string[];
  /** Manifests that were looked at. */
  readonly checked: number;
}

/** Checks every manifest of a text. `file` is for the lines. */
export function lintFile(file: string, text: string): FileReport {
  const reports = readDocuments(text).map((document) => lintDocument(file, document));
  return {
    problems: reports.flatMap(({ problems }) => problems),
    notes: reports.flatMap(({ notes }) => notes),
    checked: reports.reduce((sum, { checked }) => sum + checked, 0),
  };
}

function lintDocument(file: string, { number, value, errors }: YamlDocument): FileReport {
  const place = { file, document: number };
  if (errors.length > 0) return { problems: errors.map((error) => noteLine(place, `no valid YAML: ${error}`)), notes: [], checked: 0 };
  const reports = manifestsOf(value).map((manifest) => lintManifest(place, manifest));
  return { problems: reports.flatMap(({ problems }) => problems), notes: reports.flatMap(({ notes }) => notes), checked: reports.reduce((sum, { checked }) => sum + checked, 0) };
}

/** An empty document holds none, a List several. */
function manifestsOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return isRecord(value) && value['kind'] === 'List' && value['apiVersion'] === 'v1' && Array.isArray(value['items']) ? value['items'] : [value];
}

function lintManifest(document: Place, manifest: unknown): FileReport {
  const place = { ...document, ...subjectOf(manifest) };
  const finding = checkManifest(manifest);
  if (finding.kind === 'Ignored') return { problems: [], notes: [noteLine(place, finding.note)], checked: 0 };
  return { problems: finding.problems.map((problem) => problemLine(place, problem)), notes: [], checked: 1 };
}

function subjectOf(manifest: unknown): Pick<Place, 'subject'> {
  if (!isRecord(manifest) || typeof manifest['kind'] !== 'string') return {};
  const name = isRecord(manifest['metadata']) ? manifest['metadata']['name'] : undefined;
  return { subject: typeof name === 'string' ? `${manifest['kind']}/${name}` : manifest['kind'] };
}
