import { Counter, type Registry } from 'prom-client';
import { loginRefusalReasons, type LoginRefusalReason } from '../server/access/login-refusal.ts';

/** Counts who was not let in, by why. Callers are not told it. */
export function createLoginMetrics(registry: Registry): (reason: LoginRefusalReason) => void {
  const refused = new Counter({ name: 'sluice_logins_refused_total', help: 'Requests that were not let in, by what is wrong with their key or token, or why it could not be checked.', labelNames: ['reason'] as const, registers: [registry] });
  for (const reason of loginRefusalReasons) refused.inc({ reason }, 0);
  return (reason) => refused.inc({ reason });
}
