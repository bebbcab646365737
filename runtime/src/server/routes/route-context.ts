import type { ActiveRequests } from '../../lifecycle/active-requests.ts';
import type { Clock } from '../../platform/clock.ts';
import type { InvocationService } from '../invocation.ts';

/** What the routes of the agent share. */
export interface RouteContext {
  readonly invocations: InvocationService;
  readonly active: ActiveRequests;
  readonly clock: Clock;
  readonly policyVersion: string;
  readonly maxInputCharacters: number;
}
