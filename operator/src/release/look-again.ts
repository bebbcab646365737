import { objectivesOf } from './gate-look.ts';
import type { ReleaseObservation } from './observation.ts';

/** How often what has traffic is measured and judged, milliseconds. */
export const measuredMs = 3_000;
/** Where nothing is measured, what matters is told by pods, routes, people and the calendar, and a whole fleet may wait at once; milliseconds. */
export const unmeasuredMs = 30_000;

/** When a release that stands where it is is due for a look though nothing was seen to change, milliseconds. */
export function lookAgainMsOf(observation: Pick<ReleaseObservation, 'release'>): number {
  return objectivesOf(observation).length === 0 ? unmeasuredMs : measuredMs;
}
