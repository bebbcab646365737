import type { AgentDeployment, GateForecast, Release } from '@sluice/crds';
import type { ReleaseLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { isOutOfReach } from '@sluice/operator/src/gates/release-gate/forecast-of.ts';
import type { Branch } from '../terminal/tree.ts';
import { forecastAge } from './forecast-age.ts';
import type { RenderOptions } from './render.ts';

/** The forecast that counts now: of the release on its way, else of the next one. */
export function forecastInForce({ status }: AgentDeployment, active: Release | undefined): GateForecast | undefined {
  return active === undefined ? status?.forecast : active.status?.gate?.forecast;
}

/** What the gates need with the traffic of today, in a word and in a sentence. */
export function forecastBranches(agent: AgentDeployment, ledger: ReleaseLedger, { palette, now }: RenderOptions): Branch[] {
  const { active } = ledger;
  const forecast = forecastInForce(agent, active);
  if (forecast === undefined) return [];
  const { summary = '', message } = forecast;
  return [{ cells: [{ text: active === undefined ? 'Next release' : 'Forecast' }, { text: summary, paint: isOutOfReach(forecast) ? palette.bad : palette.faint }, { text: active === undefined ? `${message} (${forecastAge(forecast, { agent, ledger, now })})` : message }] }];
}

const toldHere: ReadonlySet<string> = new Set(['GateNotMeasurable', 'NotCoordinated']);

/** Objectives that nothing can be counted of, and agents that go by themselves though they should not, as a word, why, and a sentence. */
export function warningBranches({ status }: AgentDeployment, { palette }: RenderOptions): Branch[] {
  const told = (status?.conditions ?? []).filter(({ type, status: holds }) => toldHere.has(type) && holds === 'True');
  return told.map(({ type, reason, message }) => ({ cells: [{ text: type, paint: palette.bad }, { text: reason }, { text: message }] }));
}
