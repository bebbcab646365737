import type { AgentDeployment, AgentDeploymentStatus, Condition } from '@sluice/crds';
import { conditionMessage } from './conditions/bounded-sentence.ts';
import { transitionTime } from './conditions/transition-time.ts';

/** What is said of an agent that nothing else can be done for. `Stalled`: it is a person's business; `Reconciling`: it goes on by itself. */
export interface Standstill {
  readonly kind: 'Stalled' | 'Reconciling';
  readonly reason: string;
  readonly message: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether a condition whose status stays keeps its time; default always. */
  readonly keepsTime?: (before: Condition) => boolean;
}

/** The status of an agent that was looked at and not carried on: what is known of it stays, but it is not Ready. */
export function atStandstill({ metadata: { generation = 0 }, status = {} }: AgentDeployment, { kind, reason, message, now, keepsTime = () => true }: Standstill): AgentDeploymentStatus {
  const sentence = conditionMessage(message);
  const values: Readonly<Record<string, Condition['status']>> = { Ready: 'False', Reconciling: kind === 'Reconciling' ? 'True' : 'False', Stalled: kind === 'Stalled' ? 'True' : 'False' };
  const stored = status.conditions?.filter(keepsTime);
  const own = Object.entries(values).map(([type, value]): Condition => {
    const lastTransitionTime = transitionTime({ type, status: value }, { stored, now });
    return { type, status: value, reason, message: sentence, observedGeneration: generation, lastTransitionTime };
  });
  const others = (status.conditions ?? []).filter(({ type }) => !(type in values));
  return { ...status, observedGeneration: generation, phase: kind === 'Stalled' ? 'Degraded' : 'Progressing', message: sentence, conditions: [...own, ...others] };
}
