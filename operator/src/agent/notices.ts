import type { Release, ReleaseStatus } from '@sluice/crds';
import type { Notice } from './plan.ts';

/** Events for a change of phase, to be recorded once the change is stored. */
export function noticesOf(release: Release | undefined, next: ReleaseStatus | undefined): Notice[] {
  const last = next?.transitions?.at(-1);
  if (release === undefined || next === undefined || last === undefined) return [];
  if (next.phase === release.status?.phase && next.step === release.status?.step) return [];
  const bad = next.phase === 'RollingBack' || next.phase === 'RolledBack';
  return [{ type: bad ? 'Warning' : 'Normal', reason: `Release${next.phase ?? ''}`, message: last.message }];
}
