import type { MetricDefinition } from '../src/metrics/definitions.ts';

interface Group {
  readonly prefix: string;
  readonly title: string;
  readonly origin: string;
}

const GROUPS: readonly Group[] = [
  { prefix: 'rest_client_', title: 'API server requests', origin: 'Names and labels of client-go.' },
  { prefix: 'workqueue_', title: 'Work queues', origin: 'Names and labels of client-go, with the label `controller` that controller-runtime adds.' },
  { prefix: 'controller_runtime_', title: 'Controllers', origin: 'Names and labels of controller-runtime.' },
  { prefix: 'leader_election_', title: 'Leader election', origin: 'Names and labels of client-go.' },
  { prefix: 'kube_', title: 'This package alone', origin: 'client-go has none for these.' },
];

/** A table for each group of metrics, in Markdown. Throws RangeError when a metric fits no group. */
export function metricTables(definitions: readonly MetricDefinition[]): string {
  const lost = definitions.find(({ name }) => !GROUPS.some(({ prefix }) => name.startsWith(prefix)));
  if (lost) throw new RangeError(`the metric '${lost.name}' fits none of the groups ${GROUPS.map(({ prefix }) => prefix).join(', ')}; add one`);
  return GROUPS.map(({ prefix, title, origin }) => {
    const rows = definitions.filter(({ name }) => name.startsWith(prefix)).map(row);
    return `\n## ${title}\n\n${origin}\n\n| Metric | Type | Labels | Meaning |\n|---|---|---|---|\n${rows.join('')}\n`;
  }).join('').replaceAll(/\n{3,}/g, '\n\n');
}

function row({ name, type, labels, help }: MetricDefinition): string {
  return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |\n`;
}
