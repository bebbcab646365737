import type { CarriedGate, EarlierAttempt, GateRecord, Release } from '@sluice/crds';
import { revisionSelector } from '../../children/labels.ts';
import { controllerReference } from '../../children/owner.ts';
import { carriedFrom, hasEvidence } from '../../gates/release-gate/index.ts';
import { GatePolicyError } from '../../gates/sequential/index.ts';
import type { AgentObservation } from '../observation.ts';
import { agentDigestOf } from '../ledger/agent-digest.ts';
import { wantedRelease } from '../ledger/rejection.ts';
import { nextReleaseName } from '../ledger/releases.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

const maxEarlier = 4;
/** Characters of a sentence that is carried on. */
const maxSentence = 2_048;

/** The release that the spec, or a person, asks for while none is on its way. */
export function beginRelease(observation: AgentObservation, ledger: ReleaseLedger): Release | undefined {
  const { agent } = observation;
  const wanted = wantedRelease(observation, ledger);
  if (wanted === undefined) return undefined;
  const { revision, cause, retryOf } = wanted;
  const carried = carriedGate(revision, ledger);
  const agentDigest = digestFor(revision, observation, ledger);
  return {
    apiVersion: 'sluice.dev/v1alpha1',
    kind: 'Release',
    metadata: {
      name: nextReleaseName(agent.metadata.name, ledger),
      namespace: agent.metadata.namespace ?? '',
      labels: revisionSelector(agent.metadata.name, revision),
      ownerReferences: [controllerReference(agent)],
    },
    spec: {
      agentName: agent.metadata.name,
      revision,
      cause,
      ...(agentDigest === undefined ? {} : { agentDigest }),
      ...(ledger.stableRevision === undefined ? {} : { stableRevision: ledger.stableRevision }),
      ...(agent.spec.rollout === undefined ? {} : { rollout: agent.spec.rollout }),
      ...(retryOf === undefined ? {} : { retryOf: retryOf.metadata.name, ...earlierOf(retryOf, revision) }),
      ...(carried === undefined ? {} : { carried }),
    },
  };
}

/** What the gates had of this very revision last, however that attempt ended: a change of the spec and back is no way to begin anew either. */
function carriedGate(revision: string, ledger: ReleaseLedger): CarriedGate | undefined {
  const before = ledger.all.findLast(({ spec, status }) => spec.revision === revision && (spec.carried !== undefined || hasLearned(status?.gate, spec.carried)));
  if (before === undefined) return undefined;
  const { metadata, spec, status } = before;
  const stable = spec.stableRevision === ledger.stableRevision ? 'same' : 'another';
  if (status?.gate !== undefined && hasLearned(status.gate, spec.carried)) return carriedFrom(metadata.name, status.gate, stable);
  return spec.carried === undefined ? undefined : carriedFrom(spec.carried.release, spec.carried, stable);
}

/** Also a record that cannot be read is handed on: the next attempt then begins at half of the risk. */
function hasLearned(gate: GateRecord | undefined, carried: CarriedGate | undefined): boolean {
  if (gate === undefined) return false;
  try {
    return hasEvidence(gate, { carried });
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return true;
  }
}

/** Of a revision that is gone back to, what its own release said. */
function digestFor(revision: string, { agent, desired }: AgentObservation, { all }: ReleaseLedger): string | undefined {
  if (desired.kind === 'Rendered' && desired.record.revision === revision) return agentDigestOf(agent, desired.record);
  return all.findLast(({ spec }) => spec.revision === revision && spec.agentDigest !== undefined)?.spec.agentDigest;
}

/** What was measured of another revision says nothing about this one. */
function earlierOf(retryOf: Release, revision: string): Pick<Release['spec'], 'earlier'> {
  return retryOf.spec.revision === revision ? { earlier: earlierAttempts(retryOf) } : {};
}

/** What was measured of the revision before is carried on: asking often enough is no way to pass. */
function earlierAttempts({ metadata, spec, status }: Release): EarlierAttempt[] {
  const attempt: EarlierAttempt = {
    release: metadata.name,
    reason: status?.reason ?? status?.phase ?? 'Failed',
    message: (status?.message ?? '').slice(0, maxSentence),
    finishedAt: status?.finishedAt ?? status?.phaseStartedAt ?? status?.startedAt ?? '1970-01-01T00:00:00.000Z',
    ...(status?.evidence === undefined ? {} : { evidence: withoutRecent(status.evidence) }),
  };
  return [...(spec.earlier ?? []), attempt].slice(-maxEarlier);
}

function withoutRecent(evidence: NonNullable<EarlierAttempt['evidence']>): NonNullable<EarlierAttempt['evidence']> {
  const { recent: _shortLived, ...kept } = evidence;
  return kept;
}
