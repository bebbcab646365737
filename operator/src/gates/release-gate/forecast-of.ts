import type { GateForecast, PastCounts, RolloutSpec } from '@sluice/crds';
import { isoTime } from '../../evidence/clock-time.ts';
import { forecast, type GatePolicy } from '../sequential/index.ts';
import { decimal } from '../wording.ts';
import { requestsPerMinute, trafficOf } from './policy-of.ts';

type ObjectiveForecast = GateForecast['objectives'][number];

/** How long the gates will take with the traffic of today; undefined as long as that is not known. */
export function forecastOf({ rollout, policy, past, now }: { readonly rollout: RolloutSpec; readonly policy: GatePolicy; readonly past: PastCounts | undefined; readonly now: number }): GateForecast | undefined {
  const traffic = trafficOf(rollout, past);
  const perMinute = requestsPerMinute(past);
  if (traffic === undefined || perMinute === undefined) return undefined;
  const objectives = forecast(policy, traffic).map(({ metric, requests, minutes, reachable, smallestMargin }): ObjectiveForecast => ({
    name: metric,
    requests,
    ...(Number.isFinite(minutes) ? { minutes: Number(minutes.toFixed(1)) } : {}),
    reachable,
    ...(smallestMargin === undefined ? {} : { smallestMarginPoints: Number((smallestMargin * 100).toFixed(2)) }),
  }));
  const sentences = objectives.map((each) => sentenceOf(each, rollout));
  const traffics = `The stable revision gets ${decimal(perMinute, 1)} requests a minute, of which the new one will get ${decimal(traffic.canaryPerMinute, 1)}`;
  return { at: isoTime(now), requestsPerMinute: Number(perMinute.toFixed(2)), message: [traffics, ...sentences].join('; ').slice(0, 2_048), objectives };
}

function sentenceOf({ name, requests, minutes, reachable, smallestMarginPoints }: ObjectiveForecast, { maxDuration }: RolloutSpec): string {
  const time = minutes === undefined ? 'which never come' : `about ${decimal(minutes, minutes < 10 ? 1 : 0)} min`;
  const smallest = smallestMarginPoints === undefined ? 'no margin can be decided' : `the smallest margin that can be decided is ${decimal(smallestMarginPoints, 2)} points`;
  const within = reachable === 'Yes' ? '' : ` and cannot be decided within ${maxDuration}: widen the margin, raise maxDuration or the weight of the last step`;
  return `${name} needs about ${requests} requests of the new revision, ${time}${within}; within ${maxDuration} ${smallest}`;
}

/** Whether some gate will not come to a verdict in time. */
export function isOutOfReach({ objectives }: GateForecast): boolean {
  return objectives.some(({ reachable }) => reachable === 'No');
}
