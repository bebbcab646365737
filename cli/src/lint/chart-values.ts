import { readDocuments } from './documents.ts';
import type { Installed } from './measurability-warnings.ts';
import { isRecord } from './schema-visit.ts';

/** What texts of values for the operator's chart say of Prometheus, the last one that says anything; a chart has none unless it is told so. */
export function installedBy(texts: readonly string[]): Installed {
  if (texts.length === 0) return 'NotKnown';
  const said = texts.flatMap((text) => readDocuments(text).flatMap(({ value }) => urlOf(value)));
  return (said.at(-1) ?? '') === '' ? 'WithoutPrometheus' : 'WithPrometheus';
}

function urlOf(values: unknown): string[] {
  const prometheus = isRecord(values) ? values['prometheus'] : undefined;
  const url = isRecord(prometheus) ? prometheus['url'] : undefined;
  return typeof url === 'string' ? [url] : [];
}
