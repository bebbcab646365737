import type { Release } from '@sluice/crds';
import { defaultRevisionHeader } from '../children/http-route.ts';
import { planOf, weightOf } from './plan.ts';
import type { Position } from './plan.ts';

/** At weight 0 nobody's requests answer an open question by themselves: who must send some, and what goes on without. Empty in other steps. */
export function darkLaunchHint(release: Pick<Release, 'spec' | 'status'>, { step }: Position): string {
  if (step.mirrorPercent !== undefined || weightOf(step) > 0) return '';
  const { agentName } = release.spec;
  return `; at weight 0 only requests with ${pinsOf(release).join(' or ')} reach it: send some, or leave the step out with kubectl sluice skip ${agentName}`;
}

/** What a request carries that asks for the revision of the release. */
function pinsOf(release: Pick<Release, 'spec' | 'status'>): string[] {
  const { revision } = release.spec;
  const { header, cookie } = planOf(release)?.stickiness ?? { header: defaultRevisionHeader };
  return [...(header === undefined ? [] : [`the header ${header}: ${revision}`]), ...(cookie === undefined ? [] : [`the cookie ${cookie}=${revision}`])];
}
