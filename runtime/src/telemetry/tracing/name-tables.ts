import { attributeNames, metricNames, prometheusName, spanNames, type MetricKey } from './names.ts';

function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** The tables of names as docs/telemetry.md has them. */
export function nameTables(): string {
  const spans = Object.values(spanNames).map(({ name, kind, what }) => row(code(name), kind, what));
  const attributes = Object.entries(attributeNames).map(([name, { of, on, what }]) => row(code(name), typeof on === 'string' ? on : on.join(', '), of, what));
  const metrics = Object.entries(metricNames).map(([key, { attributes: labels, what }]) => row(code(key), code(prometheusName(key as MetricKey)), labels.map(code).join(', '), what));
  return [
    row('span', 'kind', 'what it covers'),
    row('---', '---', '---'),
    ...spans,
    '',
    row('attribute', 'on', 'name of', 'what'),
    row('---', '---', '---', '---'),
    ...attributes,
    '',
    row('histogram over OTLP', 'at /metrics', 'attributes', 'what'),
    row('---', '---', '---', '---'),
    ...metrics,
  ].join('\n');
}
