import { isInvalid } from '@sluice/kube';
import type { AgentObservation } from '../observation.ts';

/** The API server did not store the HTTPRoute of an agent; the cause has its words. */
export class RouteInvalidError extends Error {
  override readonly name = 'RouteInvalidError';
}

/** Runs the write of a route. Throws RouteInvalidError where the API server refuses what spec.route makes of it. */
export async function writingRoute<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isInvalid(error)) throw error;
    const words = error instanceof Error ? error.message : String(error);
    throw new RouteInvalidError(`The API server does not take the HTTPRoute: ${words}`, { cause: error });
  }
}

/** What is seen then: the sentence goes into the status, where a Gateway's own would be. */
export function withRouteRefused(observation: AgentObservation, { message }: RouteInvalidError): AgentObservation {
  return { ...observation, routing: { ...observation.routing, refusal: message } };
}
