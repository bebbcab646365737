/** What a health check looks at. All parts are optional: give what the process has. */
export interface ControllerHealth {
  readonly informers?: readonly { readonly synced: boolean; readonly type: { readonly plural: string } }[];
  readonly controllers?: readonly { problems(): readonly string[] }[];
  readonly elector?: { readonly leading: boolean; expired(): boolean };
}

/**
 * What is wrong, in sentences; empty when healthy. `alive` is for a liveness probe: only what a restart would mend. `ready` adds caches that
 * are not filled: run informers outside of `elector.run`, recorder and controllers inside, or a standby is never ready.
 * Not leading is neither: a follower is healthy. A lease that ran out while this process still believes to hold it is.
 */
export function healthProblems(parts: ControllerHealth, question: 'alive' | 'ready'): string[] {
  const problems = (parts.controllers ?? []).flatMap((controller) => controller.problems());
  if (parts.elector?.expired()) problems.push('the lease ran out and the leader did not stop');
  if (question === 'alive') return problems;
  const unfilled = (parts.informers ?? []).filter((informer) => !informer.synced).map((informer) => informer.type.plural);
  return unfilled.length === 0 ? problems : [...problems, `caches are not filled yet: ${unfilled.join(', ')}`];
}
