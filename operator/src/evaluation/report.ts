import { evalReport, type EvalReport } from '@sluice/crds';
import type { ContainerState, ContainerStatus, Pod } from '@sluice/kube';
import { containerWords } from '../container-words.ts';
import { agentContainerName } from '../revision/pod-names.ts';

/**
 * What the pod of a run has to say: nothing yet, its report, that the cluster took it away (the Job replaces it), or why it ended
 * without a report.
 */
export type PodOutcome =
  | { readonly kind: 'Open' }
  | { readonly kind: 'Report'; readonly report: EvalReport }
  | { readonly kind: 'Disrupted' }
  | { readonly kind: 'NoReport'; readonly reason: string };

type Terminated = NonNullable<ContainerState['terminated']>;

/** Longest quotation of foreign text in a status message, characters. */
const quoteLength = 300;

/** A report counts whatever the exit code. Only a pod that was stopped in the middle, with cases left unanswered, does not speak for the run. */
export function podOutcome(pod: Pod): PodOutcome {
  const terminated = agentStatus(pod)?.state?.terminated;
  const report = terminated === undefined ? undefined : parseReport(terminated.message ?? '');
  const isCutShort = report !== undefined && report.errored > 0 && isDisrupted(pod);
  if (report !== undefined) return isCutShort ? { kind: 'Disrupted' } : { kind: 'Report', report };
  const ended = terminated !== undefined || pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  if (!ended) return { kind: 'Open' };
  if (isDisrupted(pod)) return { kind: 'Disrupted' };
  return { kind: 'NoReport', reason: terminated === undefined ? podEnd(pod) : containerEnd(terminated) };
}

/** The report in a termination message; undefined when there is none or it is damaged. */
export function parseReport(message: string): EvalReport | undefined {
  try {
    const parsed = evalReport.safeParse(JSON.parse(message));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** One line of foreign text, cut to a bearable length. */
export function quoted(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ');
  return line.length > quoteLength ? `${line.slice(0, quoteLength)}…` : line;
}

function agentStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.containerStatuses?.find((status) => status.name === agentContainerName);
}

function isDisrupted(pod: Pod): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'DisruptionTarget' && condition.status === 'True') ?? false;
}

function containerEnd({ exitCode, reason, message = '' }: Terminated): string {
  if (reason === 'OOMKilled') return 'the eval container ran out of memory (OOMKilled); raise resources.limits.memory of the container "agent" in spec.template';
  const exit = `exit code ${exitCode}${reason === undefined ? '' : `, ${reason}`}`;
  if (message.trim() === '') return `the eval container ended without a report (${exit}); its log says more`;
  // What looks like a report may quote cases, so only a plain sentence is repeated.
  if (message.trimStart().startsWith('{')) return `the report of the eval container is damaged (${exit})`;
  return `the eval container ended without a report (${exit}): ${quoted(containerWords(message))}`;
}

function podEnd({ status }: Pod): string {
  const initFailure = status?.initContainerStatuses?.find((each) => (each.state?.terminated?.exitCode ?? 0) !== 0);
  if (initFailure !== undefined) return `the init container "${initFailure.name}" failed with exit code ${initFailure.state?.terminated?.exitCode}`;
  const reason = [status?.reason, status?.message].filter((text) => text !== undefined && text !== '').join(': ');
  return `its pod ended before the eval container ran${reason === '' ? '' : ` (${quoted(reason)})`}`;
}
