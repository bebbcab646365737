import { outOfReach } from '../forecast/next-release.ts';
import type { AgentObservation, UnpricedModel } from '../observation.ts';
import { lostSnapshots } from '../revisions/pins.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import { trafficOf } from '../revisions/traffic.ts';
import { onSecretChange, secretsOf } from '../revisions/secret-changes.ts';

/** A condition that is there only while something is not as it should be. */
export interface Warning {
  readonly type: 'ContentLost' | 'SecretsNotWatched' | 'RouteRefused' | 'GateOutOfReach' | 'GateNotMeasurable';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/** What does not keep an agent from serving and a person should know all the same. */
export function warningsOf(observation: AgentObservation, ledger: ReleaseLedger): Warning[] {
  return [...lostContent(observation, ledger), ...unwatchedSecrets(observation, ledger), ...refusedRoute(observation, ledger), ...unreachableGates(observation, ledger), ...unmeasurableGates(observation, ledger)];
}

/** The next release would wait for a person at the end of its maxDuration; better known before it begins. One on its way has told it by itself. */
function unreachableGates(observation: AgentObservation, { active }: ReleaseLedger): Warning[] {
  const forecast = active === undefined ? outOfReach(observation) : undefined;
  return forecast === undefined ? [] : [{ type: 'GateOutOfReach', status: 'True', reason: 'TooLittleTraffic', message: forecast.message }];
}

/** Known before the first pod: the objectives have no source, or one of them no price. A release that is held for it has told it by itself. */
function unmeasurableGates(observation: AgentObservation, { active }: ReleaseLedger): Warning[] {
  const { metricsSource, unpriced } = observation;
  if (metricsSource !== undefined) return active?.spec.stableRevision === undefined ? [{ type: 'GateNotMeasurable', status: 'True', reason: 'NoPrometheus', message: metricsSource.message }] : [];
  return unpriced === undefined ? [] : [{ type: 'GateNotMeasurable', status: 'True', reason: 'NoPrice', message: withoutPrice(observation, unpriced) }];
}

function withoutPrice({ agent }: AgentObservation, { provider, model, priced }: UnpricedModel): string {
  const names = (agent.spec.rollout?.gates?.objectives ?? []).filter(({ cost }) => cost !== undefined).map(({ name }) => `"${name}"`);
  const others = priced.length === 0 ? 'it names none' : `it names those of ${priced.map((name) => `"${name}"`).join(', ')}`;
  return `${names.join(', ')} cannot be measured and ${names.length === 1 ? 'guards' : 'guard'} nothing: ModelProvider "${provider}" names no price of model "${model}" (spec.agent.model.name); add it to its spec.prices, ${others}`;
}

function refusedRoute(observation: AgentObservation, ledger: ReleaseLedger): Warning[] {
  const { state, message = '' } = trafficOf(observation, ledger);
  if (state !== 'Refused') return [];
  return [{ type: 'RouteRefused', status: 'True', reason: observation.routing.api === 'Absent' ? 'NoGatewayApi' : 'NotAccepted', message }];
}

function lostContent(observation: AgentObservation, ledger: ReleaseLedger): Warning[] {
  const lost = lostSnapshots(observation, ledger);
  if (lost.length === 0) return [];
  const copies = lost.map(({ revision, source }) => `"${source}" of revision ${revision}`).join(', ');
  return [{
    type: 'ContentLost',
    status: 'True',
    reason: 'SnapshotDeleted',
    message: `The copy of ConfigMap ${copies} was deleted, and nobody knows its content any more: pods that start from now on fail. Put the ConfigMap back as it was, or release a change`,
  }];
}

function unwatchedSecrets(observation: AgentObservation, { stableRevision }: ReleaseLedger): Warning[] {
  const { agent, records, secretVersions } = observation;
  const record = records.get(stableRevision ?? '');
  if (secretVersions !== undefined || onSecretChange({ agent }) === 'Ignore' || record === undefined || secretsOf(record).length === 0) return [];
  return [{
    type: 'SecretsNotWatched',
    status: 'True',
    reason: 'SwitchedOff',
    message: `rollout.onSecretChange is ${onSecretChange({ agent })} and works as Ignore: this operator was installed without the right to follow Secrets (watchSecrets of the chart)`,
  }];
}
