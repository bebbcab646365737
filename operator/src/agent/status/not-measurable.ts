import type { Evidence, GateForecast, Objective } from '@sluice/crds';
import { uncountedIn } from '../../evidence/uncounted.ts';
import { termsOf } from '../../gates/release-gate/measures.ts';
import { isGate } from '../../gates/release-gate/policy-of.ts';
import { planOf } from '../../release/plan.ts';
import { forecastOfNext } from '../forecast/next-release.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import type { AgentObservation, UnpricedModel } from '../observation.ts';
import type { Warning } from './warnings.ts';

type Uncounted = NonNullable<GateForecast['uncounted']>;
type Told = Pick<AgentObservation, 'agent' | 'now' | 'metricsSource' | 'unpriced' | 'evidence' | 'stableReading'>;

/**
 * Objectives that can never be measured, told before the first pod where they have no source or no price, and else as soon as pods that serve
 * are read and lack what is to be counted. A release that is held for its source has told it by itself.
 */
export function unmeasurableGates(observation: Told, ledger: ReleaseLedger): Warning[] {
  const { metricsSource, unpriced } = observation;
  if (metricsSource !== undefined) return ledger.active?.spec.stableRevision === undefined ? [warningOf('NoPrometheus', metricsSource.message)] : [];
  const objectives = objectivesIn(observation, ledger);
  const priceless = unpriced === undefined ? [] : [withoutPrice(objectivesOfSpec(observation), unpriced)];
  // That there is no histogram of costs follows from there being no price.
  const uncounted = uncountedOf(observation, ledger).flatMap(({ objective, reason, field }) => {
    const index = objectives.findIndex(({ name, cost }) => name === objective && (cost === undefined || unpriced === undefined));
    const meant = objectives[index];
    return meant === undefined ? [] : [uncountedSentence(meant, { reason, path: [`spec.rollout.gates.objectives[${index}]`, field ?? termsOf(meant).kind].join('.') })];
  });
  const sentences = [...uncounted, ...priceless];
  return sentences.length === 0 ? [] : [warningOf(uncounted.length > 0 ? 'NotCounted' : 'NoPrice', sentences.join('; '))];
}

function warningOf(reason: string, message: string): Warning {
  return { type: 'GateNotMeasurable', status: 'True', reason, message };
}

function objectivesOfSpec({ agent }: Pick<Told, 'agent'>): readonly Objective[] {
  return agent.spec.rollout?.gates?.objectives ?? [];
}

/** Of the release on its way, whose plan may be another one than that of the spec. */
function objectivesIn(observation: Told, { active }: ReleaseLedger): readonly Objective[] {
  return active === undefined ? objectivesOfSpec(observation) : (planOf(active)?.gates?.objectives ?? []);
}

/** By what was seen last: the release on its way, the pods that serve, or, until they are read anew, the release that brought them. */
function uncountedOf(observation: Told, ledger: ReleaseLedger): Uncounted {
  const { active, latest } = ledger;
  const objectives = objectivesIn(observation, ledger);
  if (active !== undefined) {
    const evidence = observation.evidence ?? active.status?.evidence;
    return evidence === undefined ? [] : uncountedIn(evidence, objectives);
  }
  const forecast = forecastOfNext(observation);
  const { phase, evidence, finishedAt = '' } = latest?.status ?? {};
  const isNewer = phase === 'Promoted' && evidence !== undefined && (forecast === undefined || Date.parse(finishedAt) > Date.parse(forecast.at));
  return isNewer ? ofCanary(evidence, objectives) : [...(forecast?.uncounted ?? [])];
}

/** What was the new revision then is what serves now. */
function ofCanary({ problems = [], canary }: Evidence, objectives: readonly Objective[]): Uncounted {
  return uncountedIn({ problems, canary, stable: { requests: 0, bad: 0, latencyBuckets: [] } }, objectives);
}

function uncountedSentence(objective: Objective, { reason, path }: { readonly reason: string; readonly path: string }): string {
  const what = isGate(objective) ? 'can never be proven' : 'guards nothing';
  return `"${objective.name}" cannot be measured and ${what}: ${reason}, though its pods answer and have served requests; correct ${path}, or let the program tell it as 0 from its start`;
}

function withoutPrice(objectives: readonly Objective[], { provider, model, priced }: UnpricedModel): string {
  const names = objectives.filter(({ cost }) => cost !== undefined).map(({ name }) => `"${name}"`);
  const others = priced.length === 0 ? 'it names none' : `it names those of ${priced.map((name) => `"${name}"`).join(', ')}`;
  return `${names.join(', ')} cannot be measured and ${names.length === 1 ? 'guards' : 'guard'} nothing: ModelProvider "${provider}" names no price of model "${model}" (spec.agent.model.name); add it to its spec.prices, ${others}`;
}
