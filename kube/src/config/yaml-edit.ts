import { type Document, isMap, isScalar, parseDocument, Scalar, type YAMLMap } from 'yaml';

/** A place in a document: keys and indices from its root. */
export type Path = readonly (string | number)[];

/** Of one line, and so replaceable where it stands. */
const INLINE: readonly unknown[] = [Scalar.PLAIN, Scalar.QUOTE_SINGLE, Scalar.QUOTE_DOUBLE];

/**
 * The document with the text `value` at `path`; undefined changes nothing. A text that is there is replaced where it stands and every other
 * byte stays; a new one is added to the mapping, which keeps comments and values but may change spaces.
 */
export function withText(text: string, path: Path, value: string | undefined): string {
  if (value === undefined) return text;
  const document = parseDocument(text);
  const node = document.getIn(path, true);
  // JSON's strings are YAML's as well.
  if (isScalar(node) && node.range && node.range[1] > node.range[0] && INLINE.includes(node.type)) return text.slice(0, node.range[0]) + written(value, node) + text.slice(node.range[1]);
  add(document, path, value);
  return document.toString({ lineWidth: 0 });
}

/** Unquoted as it was, unless some version of YAML takes it for something other than a text: those words are short, or start with a digit or a dot. */
function written(value: string, before: Scalar): string {
  return before.type === Scalar.PLAIN && /^[A-Za-z][\w.-]{5,}$/.test(value) ? value : JSON.stringify(value);
}

function add(document: Document, path: Path, value: string): void {
  const map = document.getIn(path.slice(0, -1));
  const name = path.at(-1);
  if (!isMap(map) || typeof name !== 'string' || map.has(name)) return document.setIn(path, value);
  map.add(document.createPair(quotedIn(map, name), quotedIn(map, value)));
}

/** A mapping in braces may be JSON, which knows no text without quotes. */
function quotedIn(map: YAMLMap, text: string): Scalar {
  const scalar = new Scalar(text);
  if (map.flow === true) scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}
