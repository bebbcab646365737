import { durationMilliseconds } from '@sluice/crds';
import type { Transcript } from '../transcript.ts';
import { fail, notMeasured, pass, type Finding } from './finding.ts';

/** Whether the answer came in time. A latency that is no number was not measured. */
export function gradeLatency(maxLatency: string, { latencyMs }: Pick<Transcript, 'latencyMs'>): Finding {
  if (!(latencyMs >= 0)) return notMeasured('its latency is not known');
  return latencyMs <= durationMilliseconds(maxLatency) ? pass : fail(`took ${Math.ceil(latencyMs)} ms, more than maxLatency (${maxLatency})`);
}

/** Whether the answer cost no more than `maximum` US dollars. A sum of decimals gets the room of its own rounding. */
export function gradeCost(maximum: number, { costDollars }: Pick<Transcript, 'costDollars'>): Finding {
  if (costDollars === undefined || !(costDollars >= 0)) return notMeasured("its price is not known: the agent's model has no price");
  return costDollars <= maximum * (1 + 4 * Number.EPSILON) ? pass : fail(`cost ${costDollars} US dollars, more than maxCostDollars (${maximum})`);
}
