import { anonymous, type Caller } from '../approvals/caller.ts';
import type { InvokeRequest } from '../server/contract.ts';
import { Forbidden } from '../server/request-problems.ts';

/** A question as another protocol carries it. */
export interface Question {
  readonly text: string;
  readonly tenant_id?: string | undefined;
  readonly user_id?: string | undefined;
  readonly workflow?: string | undefined;
  readonly session_id?: string | undefined;
}

/** The same question as the agent's own API has it. Throws Forbidden for a tenant that the credentials of the caller are not for. */
export function requestOf({ text, tenant_id, user_id, workflow, session_id }: Question, principal: Caller): InvokeRequest {
  if (tenant_id !== undefined && principal !== anonymous && tenant_id !== principal.tenant) {
    throw new Forbidden('tenant_id is not the tenant of the credentials; leave it out', 'tenant_id');
  }
  return {
    input: { text },
    ...(tenant_id === undefined ? {} : { tenant_id }),
    ...(user_id === undefined ? {} : { user_id }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(session_id === undefined ? {} : { session_id }),
  };
}
