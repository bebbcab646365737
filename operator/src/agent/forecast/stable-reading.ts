import type { AgentDeployment, GateForecast, PastCounts } from '@sluice/crds';
import { uncountedBefore } from '../../evidence/uncounted.ts';
import type { EvidenceSource, PodTarget } from '../../evidence/index.ts';

/** What the pods of the stable revision have counted since each of them started. */
export interface StableReading {
  /** Undefined where none could be read. */
  readonly past?: PastCounts;
  /** Why it is missing or not whole, in words for people. */
  readonly problem?: string;
  /** Objectives of which they count nothing, though they serve; absent: each is counted, or that is not known. */
  readonly uncounted?: NonNullable<GateForecast['uncounted']>;
}

/** One look at the stable pods for the forecast; nothing of it is remembered. Rejects only when the signal aborts, with its reason. */
export async function readStable(agent: AgentDeployment, targets: readonly PodTarget[], { evidence, now }: { readonly evidence: EvidenceSource; readonly now: number }, call: { readonly signal: AbortSignal }): Promise<StableReading> {
  const stable = targets.filter(({ state }) => state !== 'Leaving');
  if (stable.length === 0) return { problem: 'no pod of the stable revision runs' };
  const windowId = `${agent.metadata.uid ?? ''}/forecast`;
  const { objectives = [], source } = agent.spec.rollout?.gates ?? {};
  try {
    const { past, problems = [] } = await evidence.collect({ windowId, since: now, stable, canary: [], objectives, ...(source === undefined ? {} : { source }) }, call);
    const [problem] = problems;
    const uncounted = past === undefined ? [] : uncountedBefore(past, problems, objectives);
    return { ...(uncounted.length === 0 ? {} : { uncounted }), ...(past === undefined ? {} : { past }), ...(problem === undefined ? {} : { problem: problem.objective === undefined ? problem.reason : `${problem.objective}: ${problem.reason}` }) };
  } finally {
    evidence.forget(windowId);
  }
}
