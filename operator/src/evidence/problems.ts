import type { EvidenceProblem } from './evidence-source.ts';

/** The schema's bounds. */
const mostProblems = 16;
const longestReason = 512;

/** One problem for each objective and reason, with how many pods it was found on; bounded, so that a status stays small. */
export function summarise(found: readonly EvidenceProblem[]): EvidenceProblem[] {
  const counts = new Map<string, { readonly problem: EvidenceProblem; readonly times: number }>();
  for (const problem of found) {
    const key = JSON.stringify([problem.objective, problem.reason]);
    counts.set(key, { problem, times: (counts.get(key)?.times ?? 0) + 1 });
  }
  // An objective that is not named here counts as measured, so each comes before anything else.
  const named = new Set<string>();
  const isFirst = ({ problem: { objective } }: { readonly problem: EvidenceProblem }) => objective !== undefined && !named.has(objective) && named.add(objective).size > 0;
  const all = [...counts.values()];
  const first = all.filter(isFirst);
  return [...first, ...all.filter((each) => !first.includes(each))].slice(0, mostProblems).map(({ problem, times }) => ({ ...problem, reason: bounded(times > 1 ? `${problem.reason} (${times} pods)` : problem.reason) }));
}

function bounded(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason - 1)}…`;
}
