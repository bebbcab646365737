import { parseAllDocuments, type ParsedNode, type Document, type YAMLError } from 'yaml';

/** One document of a file: its value, or why it cannot be read. */
export interface YamlDocument {
  /** Counted from 1, as a person counts; an empty document counts too. */
  readonly number: number;
  readonly value: unknown;
  readonly errors: readonly string[];
}

/** YAML tags that kubectl does not know: a time of day such as 1:30 stays a text. */
const foreignTags = new Set(['TIME']);
const timestampTag = 'tag:yaml.org,2002:timestamp';

/** An object of Kubernetes has 1.5 MiB at most. The parser needs about a second and fifty times the text for each MiB of a larger one. */
const mostCharacters = 8 * 1_048_576;

/** The documents of a YAML (or JSON) text, read as kubectl reads them: YAML 1.1, so that a bare `yes` is true. */
export function readDocuments(text: string): YamlDocument[] {
  if (text.length > mostCharacters) return [{ number: 1, value: undefined, errors: [tooLong(text.length)] }];
  const documents = parseAllDocuments(text, {
    schema: 'yaml-1.1',
    merge: true,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || (tag.tag !== timestampTag && !foreignTags.has(tag.format ?? ''))),
  });
  return 'empty' in documents ? [] : documents.map((document, index) => readDocument(document, index + 1));
}

function tooLong(characters: number): string {
  return `the file has ${Math.ceil(characters / 1_048_576)} MiB, and manifests are read up to ${mostCharacters / 1_048_576} MiB; divide it, and put the cases of a suite into a file of their own (spec.casesFrom)`;
}

function readDocument(document: Document<ParsedNode>, number: number): YamlDocument {
  const errors = errorSentences(document.errors);
  if (errors.length > 0) return { number, value: undefined, errors: errors.map(invalid) };
  try {
    return { number, value: document.toJS() as unknown, errors: [] };
  } catch (error) {
    return { number, value: undefined, errors: [invalid(error instanceof Error ? error.message : String(error))] };
  }
}

function invalid(reason: string): string {
  return `no valid YAML: ${reason}`;
}

/**
 * After a brace too many the parser takes nearly each word that follows for another mistake: the first one is the one to correct. Fields that
 * are written twice do not follow from each other.
 */
function errorSentences(errors: readonly YAMLError[]): string[] {
  const [first, ...rest] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY').toSorted((left, right) => left.pos[0] - right.pos[0]);
  if (first === undefined) return errors.map(sentence);
  return [`${sentence(first)}${rest.length === 0 ? '' : ` (the parser stumbles ${rest.length} more times after it, as a rule for the same reason)`}`];
}

/** Without the excerpt that the parser adds: the text may hold a secret. */
function sentence(error: YAMLError): string {
  const [start] = error.linePos ?? [];
  return `${start === undefined ? '' : `line ${start.line}, column ${start.col}: `}${whatIsWrong(error)}`;
}

function whatIsWrong({ code, message }: YAMLError): string {
  const [, closing] = /^Unexpected (flow-(?:map|seq)-end) token/.exec(message) ?? [];
  if (closing !== undefined) return closing === 'flow-map-end' ? 'a "}" closes nothing; remove it, or write the "{" that it belongs to' : 'a "]" closes nothing; remove it, or write the "[" that it belongs to';
  if (code === 'DUPLICATE_KEY') return 'a field is written twice; keep one of the two';
  if (code === 'BLOCK_IN_FLOW') return 'fields on lines of their own stand within a "{" or "[" that was opened before and is not closed; close or remove it';
  if (message.startsWith('Missing , between flow')) return 'a "," is missing, or a "{" or "[" was opened before and is not closed; close or remove it';
  return (message.split(/ at line \d|: "|\n/)[0] ?? code).replace(/[:.]$/, '');
}
