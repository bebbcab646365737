import type { AgentPlan, UntouchingPlan } from '../../plan.ts';
import type { AgentObservation } from '../../observation.ts';

/** What the operator's process knows of when an agent may begin what it asks for; absent in a history: it may at once. */
export interface Pace {
  /** What a look at the agent sees of it besides the cluster. */
  seenBy(observation: AgentObservation): Pick<AgentObservation, 'turns' | 'settlesAt'>;
  /** In the same turn of the event loop, as agent/controller.ts does. */
  note(observation: AgentObservation, plan: AgentPlan | UntouchingPlan): void;
}

/** Whether something is due and waits for others, or for more of the change. */
export function isPostponed({ settlesAt = -Infinity, now }: Pick<AgentObservation, 'settlesAt' | 'now'>, plan: AgentPlan | UntouchingPlan): boolean {
  return settlesAt > now || ('standing' in plan && plan.standing === 'Waiting');
}
