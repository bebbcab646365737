import type { AgentDeployment, Release } from '@sluice/crds';

/** Conditions that every agent has; the others are there only while something is not as it should be. */
const usual: ReadonlySet<string> = new Set(['Ready', 'Reconciling', 'Stalled', 'Available', 'Suspended']);

/** What the agent's status says beyond its release: why pods do not start, and its warnings. */
export function troubleSentences({ status }: AgentDeployment, release: Release | undefined): string[] {
  const problem = podProblem(status?.message ?? '', release);
  const warnings = (status?.conditions ?? []).filter(({ type, status: holds, message }) => !usual.has(type) && holds === 'True' && message !== '' && message !== status?.message);
  const moving = status?.takeOver === undefined ? [] : [`Its release stands until this shard's operator has taken it over: ${fullStop(status.message ?? 'it has begun')}`];
  return [...moving, ...(problem === undefined ? [] : [`Its pods do not start: ${fullStop(problem)}`]), ...warnings.map(({ type, message }) => `${type}: ${fullStop(message)}`)];
}

/** The operator adds it in brackets to the sentence of the release; where that tells of it already, it is not said twice. */
function podProblem(message: string, release: Release | undefined): string | undefined {
  const said = release?.status?.message;
  if (said === undefined || !message.includes(said)) return undefined;
  const [, problem] = /^ \((.+)\)$/s.exec(message.slice(message.indexOf(said) + said.length)) ?? [];
  return problem === undefined || said.includes(problem) ? undefined : problem;
}

function fullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
