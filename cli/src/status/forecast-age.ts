import type { AgentDeployment, GateForecast } from '@sluice/crds';
import { forecastDueAt } from '@sluice/operator/src/agent/forecast/due.ts';
import type { ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { spanBetween, timeSpan } from '../terminal/time-span.ts';

/** How old a forecast is, and by whose pods. Those that serve since tell the traffic of a day only when they are some minutes old, and an agent that is released often may not come to that. */
export function forecastAge(forecast: GateForecast, { agent, ledger, now }: { readonly agent: AgentDeployment; readonly ledger: ReleaseLedger; readonly now: number }): string {
  const ago = `as of ${spanBetween(forecast.at, now) ?? 'a time that is not known'} ago`;
  const { serving } = ledger;
  const isOfPodsBefore = Date.parse(serving?.status?.finishedAt ?? '') > Date.parse(forecast.at);
  return serving === undefined || !isOfPodsBefore ? ago : `${ago}, by pods that are gone since revision ${serving.spec.revision} serves${readNext(forecastDueAt(agent, ledger, agent.status), now)}`;
}

function readNext(dueAt: number | undefined, now: number): string {
  if (dueAt === undefined) return '';
  return `; its own are read ${dueAt > now ? `in ${timeSpan(dueAt - now)}` : 'with the next look'}`;
}
