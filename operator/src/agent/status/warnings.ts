import { uncoordinated } from '../../release/holds/elsewhere.ts';
import { outOfReach } from '../forecast/next-release.ts';
import type { AgentObservation } from '../observation.ts';
import { lostSnapshots } from '../revisions/pins.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import { trafficOf } from '../revisions/traffic.ts';
import { onSecretChange, secretsOf } from '../revisions/secret-changes.ts';
import { unmeasurableGates } from './not-measurable.ts';

/** A condition that is there only while something is not as it should be. */
export interface Warning {
  readonly type: 'ContentLost' | 'SecretsNotWatched' | 'RouteRefused' | 'GateOutOfReach' | 'GateNotMeasurable' | 'AnswersNobody' | 'NotCoordinated';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/** What does not keep an agent from serving and a person should know all the same. */
export function warningsOf(observation: AgentObservation, ledger: ReleaseLedger): Warning[] {
  return [...lostContent(observation, ledger), ...unwatchedSecrets(observation, ledger), ...refusedRoute(observation, ledger), ...unreachableGates(observation, ledger), ...unmeasurableGates(observation, ledger), ...notCoordinated(observation)];
}

/** What it shares with agents of another shard, each operator does by itself. Told to the agents of both. */
function notCoordinated({ agent, elsewhere }: AgentObservation): Warning[] {
  const sentences = uncoordinated(agent, elsewhere);
  return sentences.length === 0 ? [] : [{ type: 'NotCoordinated', status: 'True', reason: 'OtherShard', message: sentences.join('. ') }];
}

/** The next release would wait for a person at the end of its maxDuration; better known before it begins. One on its way has told it by itself. */
function unreachableGates(observation: AgentObservation, { active }: ReleaseLedger): Warning[] {
  const forecast = active === undefined ? outOfReach(observation) : undefined;
  return forecast === undefined ? [] : [{ type: 'GateOutOfReach', status: 'True', reason: 'TooLittleTraffic', message: forecast.message }];
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
