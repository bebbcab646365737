import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';
import { isBadRequest, isForbidden, isInvalid, KubeError } from '@sluice/kube';
import { atStandstill } from '../../agent-standstill.ts';

/** The reason of the conditions, and of the event. */
export const writeRefused = 'WriteRefused';

/**
 * Whether the API server will say the same again until somebody does something: it, a quota, a policy or a webhook does not take what the
 * operator writes, or a webhook that it has to ask does not answer.
 */
export function isRefusal(error: unknown): error is KubeError {
  return isForbidden(error) || isInvalid(error) || isBadRequest(error) || (error instanceof KubeError && error.code >= 500 && error.message.includes('failed calling webhook'));
}

/** The sentence for a person. */
export function refusalMessage({ message }: KubeError): string {
  return `The API server refuses what the operator writes, so nothing goes on until that is mended; what serves goes on serving. It says: ${message}`;
}

/** The status where a write was refused: what is known of the agent stays (the plan was not carried out), but it is not Ready and a person's business. */
export function withWriteRefused(agent: AgentDeployment, refusal: KubeError, now: number): AgentDeploymentStatus {
  return atStandstill(agent, { kind: 'Stalled', reason: writeRefused, message: refusalMessage(refusal), now });
}
