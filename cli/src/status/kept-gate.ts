import type { ReleaseStatus } from '@sluice/crds';
import { policyIn, stateIn } from '@sluice/operator/src/gates/release-gate/gate-record.ts';
import { GatePolicyError } from '@sluice/operator/src/gates/sequential/gate-error.ts';

/** Of the gates as they were judged last; undefined where nothing was judged yet, and where the record cannot be read. */
export function readGate<T>(gate: ReleaseStatus['gate'], read: (policy: ReturnType<typeof policyIn>, state: ReturnType<typeof stateIn>) => T): T | undefined {
  if (gate === undefined || gate.state === '') return undefined;
  try {
    return read(policyIn(gate), stateIn(gate.state));
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return undefined;
  }
}
