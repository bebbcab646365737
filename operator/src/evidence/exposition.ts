/** One line of the Prometheus text format (exposition format 0.0.4); `value` may be NaN or infinite. */
export interface ExpositionSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface Exposition {
  /** The samples of the wanted names, in the order of the page. */
  readonly samples: readonly ExpositionSample[];
  /** The names that HELP or TYPE announce: a counter with labels has no sample before its first increment. */
  readonly families: ReadonlySet<string>;
  /** Names that samples of the counters have which TYPE announces. A histogram has none of its own name, so that it is not there is no 0. */
  readonly counters: ReadonlySet<string>;
  /** Lines that were skipped: no metric name to read, or a wanted name with unreadable labels or value, or a series that stands there already. */
  readonly malformed: number;
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const labelPattern = /[\s,]*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\\n]|\\.)*)"\s*/y;
const closingPattern = /[\s,]*\}/y;
/** Digits in one place at a time: `\d+\.?\d*` tries every way to part them, which for a million digits takes an hour in which nothing else runs. */
const numberPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/**
 * Reads the samples called `names` from a page. Lines of other metrics are passed over unread, so that a large page costs little.
 * Never throws: what cannot be read is counted, and the caller decides whether the page can be trusted.
 */
export function parseExposition(text: string, names: ReadonlySet<string>): Exposition {
  const samples: ExpositionSample[] = [];
  const families = new Set<string>();
  const counters = new Set<string>();
  const series = new Set<string>();
  let malformed = 0;
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (line === '') continue;
    if (line.startsWith('#')) {
      addFamily(line, { families, counters });
      continue;
    }
    const name = namePattern.exec(line)?.[0];
    if (name !== undefined && !names.has(name)) continue;
    const sample = name === undefined ? undefined : parseSample(name, line.slice(name.length));
    // Of two values of one series nobody knows which is true; their sum is neither.
    if (sample === undefined || series.size === series.add(seriesOf(sample)).size) malformed += 1;
    else samples.push(sample);
  }
  return { samples, families, counters: isOpenMetrics(text) ? new Set([...counters].map(withTotal)) : counters, malformed };
}

/** The same whatever the order of the labels. */
function seriesOf({ name, labels }: ExpositionSample): string {
  return JSON.stringify([name, ...[...labels].toSorted(([left], [right]) => (left < right ? -1 : 1))]);
}

function addFamily(line: string, { families, counters }: { readonly families: Set<string>; readonly counters: Set<string> }): void {
  const [, name, type] = /^#\s*(?:HELP|TYPE)\s+(\S+)(?:\s+(\S+))?/.exec(line) ?? [];
  if (name === undefined) return;
  families.add(name);
  if (type === 'counter' && /^#\s*TYPE/.test(line)) counters.add(name);
}

/** Its pages end so, and announce a counter without the ending that its samples have. */
function isOpenMetrics(text: string): boolean {
  return /\n# EOF\s*$/.test(text.slice(-16));
}

function withTotal(name: string): string {
  return name.endsWith('_total') ? name : `${name}_total`;
}

function parseSample(name: string, rest: string): ExpositionSample | undefined {
  const body = rest.trimStart();
  const labelled = body.startsWith('{') ? parseLabels(body) : unlabelled(rest);
  if (labelled === undefined) return undefined;
  // An OpenMetrics exemplar follows "#"; a timestamp in milliseconds may follow the value.
  const fields = (labelled.rest.split('#')[0] ?? '').trim().split(/\s+/);
  const [valueText, timestamp] = fields;
  if (valueText === undefined || fields.length > 2) return undefined;
  if (timestamp !== undefined && !numberPattern.test(timestamp)) return undefined;
  const value = parseValue(valueText);
  return value === undefined ? undefined : { name, labels: labelled.labels, value };
}

function unlabelled(rest: string): { labels: Map<string, string>; rest: string } | undefined {
  return /^\s/.test(rest) ? { labels: new Map(), rest } : undefined;
}

function parseLabels(text: string): { labels: Map<string, string>; rest: string } | undefined {
  const labels = new Map<string, string>();
  let at = 1;
  for (;;) {
    closingPattern.lastIndex = at;
    if (closingPattern.test(text)) return { labels, rest: text.slice(closingPattern.lastIndex) };
    labelPattern.lastIndex = at;
    const match = labelPattern.exec(text);
    if (match === null) return undefined;
    const [, label = '', value = ''] = match;
    if (labels.has(label)) return undefined;
    labels.set(label, value.replaceAll(/\\./g, (escape) => escapes[escape] ?? escape));
    at = labelPattern.lastIndex;
  }
}

/** A number as Go writes it; undefined when it is none. */
export function parseValue(text: string): number | undefined {
  if (text === 'NaN') return NaN;
  const infinity = /^([+-]?)Inf$/i.exec(text);
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity;
  return numberPattern.test(text) ? Number(text) : undefined;
}
