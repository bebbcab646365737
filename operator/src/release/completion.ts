import type { Release, ReleaseCompletion, ReleaseStatus } from '@sluice/crds';
import { isoTime } from '../evidence/clock-time.ts';
import { hadTraffic } from './exposure.ts';
import { activeMilliseconds } from './stopped-clock.ts';

/** Reasons with which a revision takes all the traffic without going through its steps. */
const withoutSteps: ReadonlySet<string> = new Set(['PromotedBefore', 'PromotedInFull', 'ServesAlready']);

/** What a release that just ended says of its end. */
export function completionOf(release: Release, now: number): Partial<ReleaseStatus> {
  const { status = {} } = release;
  const total = Math.max(0, now - Date.parse(status.startedAt ?? isoTime(now)));
  const completion = wayOfEnding(release);
  return {
    finishedAt: isoTime(now),
    ...(completion === undefined ? {} : { completion }),
    ...terminated(status, completion),
    durations: { ...status.durations, totalMilliseconds: total, activeMilliseconds: activeMilliseconds(status, now) },
  };
}

/** What was still open when something else ended the release stays without a verdict. */
function terminated({ objectives }: ReleaseStatus, completion: ReleaseCompletion | undefined): Partial<ReleaseStatus> {
  if (objectives === undefined || (completion !== 'Superseded' && completion !== 'Aborted')) return {};
  return { objectives: objectives.map((result) => (result.verdict === 'Pass' || result.verdict === 'Fail' ? result : { ...result, verdict: 'Terminated' })) };
}

function wayOfEnding(release: Release): ReleaseCompletion | undefined {
  const { phase, transitions } = release.status ?? {};
  switch (phase) {
    case 'Promoted': {
      // Whatever it stood or was suspended for at the end is no way to get there.
      const promoting = transitions?.find(({ phase: went }) => went === 'Promoting');
      return withoutSteps.has(promoting?.reason ?? release.status?.reason ?? '') ? 'FastPromoted' : 'Promoted';
    }
    case 'RolledBack':
      return hadTraffic(release) ? 'RolledBack' : 'FastRolledBack';
    case 'Superseded':
    case 'Aborted':
      return phase;
    default:
      return undefined;
  }
}
