import type { AgentDeployment } from '@sluice/crds';
import { revisionOf } from '@sluice/operator/src/children/labels.ts';
import { podProblem } from '@sluice/operator/src/children/pod-problem.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import type { Facts } from './facts.ts';

/** Conditions that every agent has; the others are there only while something is not as it should be. */
const usual: ReadonlySet<string> = new Set(['Ready', 'Reconciling', 'Stalled', 'Available', 'Suspended']);

/** What the agent's status says beyond its release: its warnings, and that it is taken over. */
export function troubleSentences({ status }: AgentDeployment): string[] {
  const warnings = (status?.conditions ?? []).filter(({ type, status: holds, message }) => !usual.has(type) && holds === 'True' && message !== '' && message !== status?.message);
  const moving = status?.takeOver === undefined ? [] : [`Its release stands until this shard's operator has taken it over: ${fullStop(status.message ?? 'it has begun')}`];
  return [...moving, ...warnings.map(({ type, message }) => `${type}: ${fullStop(message)}`)];
}

/** Why pods of a release on its way do not start, without a full stop; undefined where they do, or the release itself tells of it. What the agent says of them may be late, so they are looked at too. */
export function podTrouble(facts: Facts): string | undefined {
  const { agent, phase, pods, release } = facts;
  if (isTerminal(phase) || phase === 'RollingBack') return undefined;
  const said = release.status?.message ?? '';
  const problem = toldProblem(agent.status?.message ?? '', said) ?? podProblem(pods.filter((pod) => revisionOf(pod) === release.spec.revision));
  return problem === undefined || said.includes(problem) ? undefined : problem.replace(/\.$/, '');
}

/** The operator adds it in brackets to the sentence of the release, or says that it waits in vain. */
function toldProblem(message: string, said: string): string | undefined {
  const [, stalled] = /: its pods have not been ready for \S+, and it goes on by itself when they are: (.+)$/s.exec(message) ?? [];
  if (stalled !== undefined && stalled !== said) return stalled;
  if (said === '' || !message.includes(said)) return undefined;
  return /^ \((.+)\)$/s.exec(message.slice(message.indexOf(said) + said.length))?.[1];
}

function fullStop(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
