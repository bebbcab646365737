import { checkManifest, type LintOptions } from './check-manifest.ts';
import { readDocuments, type YamlDocument } from './documents.ts';
import { noteLine, type Place, problemLine, warningLine } from './problem.ts';
import { isRecord } from './schema-visit.ts';

/** What is to be said about one file, line by line, in the order of the file. */
export interface FileReport {
  readonly problems: readonly string[];
  /** What is allowed and surprises. */
  readonly warnings: readonly string[];
  /** Manifests that were not looked at, and why. */
  readonly notes: readonly string[];
  /** Manifests that were looked at. */
  readonly checked: number;
  /** All that the file holds, those that were not looked at included. */
  readonly manifests: readonly PlacedManifest[];
}

/** A manifest and where it is. */
export interface PlacedManifest {
  readonly place: Place;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Checks every manifest of a text. `file` is for the lines. */
export function lintFile(file: string, text: string, options: LintOptions): FileReport {
  return together(readDocuments(text).map((document) => lintDocument(file, document, options)));
}

function together(reports: readonly FileReport[]): FileReport {
  return {
    problems: reports.flatMap(({ problems }) => problems),
    warnings: reports.flatMap(({ warnings }) => warnings),
    notes: reports.flatMap(({ notes }) => notes),
    checked: reports.reduce((sum, { checked }) => sum + checked, 0),
    manifests: reports.flatMap(({ manifests }) => manifests),
  };
}

function lintDocument(file: string, { number, value, errors }: YamlDocument, options: LintOptions): FileReport {
  const place = { file, document: number };
  if (errors.length > 0) return { problems: errors.map((error) => noteLine(place, error)), warnings: [], notes: [], checked: 0, manifests: [] };
  return together(manifestsOf(value).map((manifest) => lintManifest(place, manifest, options)));
}

/** An empty document holds none, a List several. */
function manifestsOf(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return isRecord(value) && value['kind'] === 'List' && value['apiVersion'] === 'v1' && Array.isArray(value['items']) ? value['items'] : [value];
}

function lintManifest(document: Place, manifest: unknown, options: LintOptions): FileReport {
  const place = { ...document, ...subjectOf(manifest) };
  const finding = checkManifest(manifest, options);
  const manifests = isRecord(manifest) ? [{ place, value: manifest }] : [];
  if (finding.kind === 'Ignored') return { problems: [], warnings: [], notes: [noteLine(place, finding.note)], checked: 0, manifests };
  return { problems: finding.problems.map((problem) => problemLine(place, problem)), warnings: finding.warnings.map((warning) => warningLine(place, warning)), notes: [], checked: 1, manifests };
}

function subjectOf(manifest: unknown): Pick<Place, 'subject'> {
  if (!isRecord(manifest) || typeof manifest['kind'] !== 'string') return {};
  const name = isRecord(manifest['metadata']) ? manifest['metadata']['name'] : undefined;
  return { subject: typeof name === 'string' ? `${manifest['kind']}/${name}` : manifest['kind'] };
}
