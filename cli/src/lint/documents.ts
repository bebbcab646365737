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

/** The documents of a YAML (or JSON) text, read as kubectl reads them: YAML 1.1, so that a bare `yes` is true. */
export function readDocuments(text: string): YamlDocument[] {
  const documents = parseAllDocuments(text, {
    schema: 'yaml-1.1',
    merge: true,
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || (tag.tag !== timestampTag && !foreignTags.has(tag.format ?? ''))),
  });
  return 'empty' in documents ? [] : documents.map((document, index) => readDocument(document, index + 1));
}

function readDocument(document: Document<ParsedNode>, number: number): YamlDocument {
  const errors = document.errors.map(sentence);
  if (errors.length > 0) return { number, value: undefined, errors };
  try {
    return { number, value: document.toJS() as unknown, errors: [] };
  } catch (error) {
    return { number, value: undefined, errors: [error instanceof Error ? error.message : String(error)] };
  }
}

/** Without the excerpt that the parser adds: the text may hold a secret. */
function sentence({ code, linePos, message }: YAMLError): string {
  const [start] = linePos ?? [];
  const place = start === undefined ? '' : `line ${start.line}, column ${start.col}: `;
  const what = message.split(/ at line \d|\n/)[0] ?? code;
  return `${place}${code === 'DUPLICATE_KEY' ? 'a field is written twice; keep one of the two' : what.replace(/[:.]$/, '')}`;
}
