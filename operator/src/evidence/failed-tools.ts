import type { FailedTool } from '@sluice/crds';
import { countProblem } from './events.ts';
import type { ExpositionSample } from './exposition.ts';
import type { PodScrape } from './window.ts';

/** Tools of one page, and of all pods of a revision, that are told of. */
const mostOfPage = 64;
const mostTold = 3;
const longestName = 64;

/** The calls of one page by tool, those with most failures first; tools of which none has failed are left out. `failed`: outcomes that count as bad. */
export function failedToolsOf(samples: readonly ExpositionSample[], { metrics, failed, ended }: { readonly metrics: readonly string[]; readonly failed: readonly string[]; readonly ended: readonly string[] }): FailedTool[] {
  const tools = new Map<string, FailedTool>();
  for (const { name, labels, value } of samples) {
    const [tool, outcome = ''] = [labels.get('tool'), labels.get('outcome')];
    if (tool === undefined || !metrics.includes(name) || !ended.includes(outcome) || countProblem(value) !== undefined) continue;
    addTo(tools, { tool: tool.slice(0, longestName), bad: failed.includes(outcome) ? value : 0, total: value });
  }
  return worst(tools, mostOfPage);
}

/** Those of all pods that were read, worst first. Each counts since its pod started, so that nothing has to be remembered of them. */
export function worstTools(scrapes: readonly PodScrape[]): FailedTool[] {
  const tools = new Map<string, FailedTool>();
  for (const { counters } of scrapes) for (const each of counters?.failedTools ?? []) addTo(tools, each);
  return worst(tools, mostTold);
}

function addTo(tools: Map<string, FailedTool>, { tool, bad, total }: FailedTool): void {
  const before = tools.get(tool);
  tools.set(tool, { tool, bad: bad + (before?.bad ?? 0), total: total + (before?.total ?? 0) });
}

function worst(tools: ReadonlyMap<string, FailedTool>, most: number): FailedTool[] {
  return [...tools.values()].filter(({ bad }) => bad > 0).toSorted((one, other) => other.bad - one.bad || (one.tool < other.tool ? -1 : 1)).slice(0, most);
}
