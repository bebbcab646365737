import type { AgentObservation } from '../../observation.ts';
import { isTakenBackForNobody, readLedger } from '../../ledger/releases.ts';
import { capacityOf } from '../../release-step/capacity.ts';
import { podsFor } from '../../../traffic/revision-pods.ts';
import { replicaRatio } from '../../../release/replica-plan.ts';
import { accepted, type Invariant, type Look, wholePlan } from './look.ts';

/** Shares of one whole. */
const weightsSumTo100: Invariant = (look) => {
  const { stable, canary } = look.plan.status;
  if (stable !== undefined && canary !== undefined && stable.weight + canary.weight !== 100) return `status says ${stable.weight} and ${canary.weight}`;
  const weights = wholePlan(look)?.traffic.route?.weights;
  const sum = [...(weights?.values() ?? [])].reduce((total, weight) => total + weight, 0);
  return weights === undefined || sum === 100 ? undefined : `the route says ${sum} in all`;
};

/**
 * Requests for a revision without ready pods fail. Nothing is lost by it where no other could have them: one on its way out that has no
 * traffic gets none, because it may have failed.
 */
const noWeightOnAnUnreadyRevision: Invariant = (look) => {
  const { observation, askedBefore, step } = look;
  // What was decided counts, also where the operator did not live to write it.
  const { stableRevision, active } = readLedger(observation.releases.map((release) => (release === step?.release ? { ...release, status: step.after } : release)));
  const able = [...observation.revisions.values()].find(({ revision, ready }) => ready > 0 && (revision === stableRevision || revision === active?.spec.revision || askedBefore?.weights.has(revision) === true));
  const unready = [...(wholePlan(look)?.traffic.route?.weights ?? [])].find(([revision]) => readyOf(observation, revision) === 0);
  return able === undefined || unready === undefined ? undefined : `${unready[0]} shall have ${unready[1]} % without a ready pod, and ${able.revision} is ready`;
};

/** A revision that was rejected gains nothing: no weight, no pods. Unless it is the only one that can serve, or still the one that does. */
const aRejectedRevisionGainsNoTraffic: Invariant = (look) => {
  const { observation, memory, askedBefore, after } = look;
  const { stableRevision } = readLedger([...after.releases.values()]);
  for (const revision of memory.rejected.keys()) {
    if (revision === stableRevision || memory.retried.has(revision)) continue;
    const pods = after.pods.get(revision)?.replicas ?? 0;
    if (pods > (observation.revisions.get(revision)?.replicas ?? 0)) return `${revision} gets pods again`;
    const others = [...observation.revisions.values()].some((state) => state.revision !== revision && state.ready > 0);
    const weight = wholePlan(look)?.traffic.route?.weights.get(revision) ?? 0;
    if (others && weight > (askedBefore?.weights.get(revision) ?? 0)) return `${revision} gets ${weight} % again`;
  }
  return undefined;
};

/** What serves is not taken away: pods go only when others are ready, or after the Gateway has what does not need them. But for a first release that somebody aborted. */
const servingCapacityIsNeverTakenAway: Invariant = (look) => (look.after.router === 'Gateway' ? routedCapacity(look) : sharedCapacity(look));

function sharedCapacity({ observation, after }: Look): string | undefined {
  const ledger = readLedger([...after.releases.values()]);
  const counts = (revision: string): boolean => !isTakenBackForNobody(revision, ledger);
  const before = [...observation.revisions.values()].filter(({ revision }) => counts(revision)).reduce((sum, { ready }) => sum + ready, 0);
  const now = [...after.pods].filter(([revision]) => counts(revision)).reduce((sum, [, { ready }]) => sum + ready, 0);
  return now >= Math.min(after.capacity, before) ? undefined : `of ${before} ready pods ${now} are left, ${after.capacity} are needed`;
}

function routedCapacity({ observation, after, inForceBefore }: Look): string | undefined {
  const ledger = readLedger([...after.releases.values()]);
  for (const [revision, weight] of inForceBefore?.weights ?? []) {
    if (isTakenBackForNobody(revision, ledger)) continue;
    const needed = Math.min(readyOf(observation, revision), podsFor(weight, after.capacity));
    if (after.readyOf(revision) < needed) return `${revision} has ${weight} % and keeps ${after.readyOf(revision)} of ${needed} ready pods`;
  }
  return undefined;
}

/** Where pods are the ratio, a step begins, and the next one or the promotion follows, when the new revision has its share of the pods that answer. */
const aStepOfPodsHasItsShare: Invariant = (look) => {
  const { observation, step, after: { router } } = look;
  if (step === undefined || router !== 'ReplicaRatio' || step.before.phase !== 'Shifting' || step.before.step === undefined) return undefined;
  const { before, after, release } = step;
  const begins = before.stepStartedAt === undefined && after.stepStartedAt !== undefined;
  const passes = (after.transitions ?? []).slice(before.transitions?.length ?? 0).some(({ message }) => message.startsWith(`Step ${(before.step ?? 0) + 1} of `));
  if (!(begins || passes) || accepted(step) === 'Skip') return undefined;
  const { revision } = release.spec;
  // Edited steps may give it another share in the look in which it begins.
  const { weight = 0 } = begins ? after : before;
  const wanted = replicaRatio({ ...capacityOf(observation, readLedger(observation.releases)), weight });
  const own = readyOf(observation, revision);
  const others = [...observation.standing].reduce((sum, [name, { ready }]) => (name === revision ? sum : sum + ready), 0);
  return own * wanted.stable >= others * wanted.canary ? undefined : `a step of ${weight} % ${begins ? 'begins' : 'passes'} with ${own} pods beside ${others}`;
};

/** Everything that the Gateway divides requests between exists. */
const whatIsRoutedToExists: Invariant = ({ after }) => {
  const missing = [...(after.gateway.inForce?.weights.keys() ?? [])].find((revision) => !after.services.has(revision) || !after.pods.has(revision));
  return missing === undefined ? undefined : `${missing} has requests and no Service or Deployment`;
};

/** The revision that serves, and what the spec asks for, can be brought back: their records are kept. */
const whatIsNeededIsKept: Invariant = ({ after }) => {
  const { stableRevision, active } = readLedger([...after.releases.values()]);
  const missing = [stableRevision, active?.spec.revision].find((revision) => revision !== undefined && !after.records.has(revision));
  return missing === undefined ? undefined : `the record of ${missing} is gone`;
};

function readyOf({ revisions }: AgentObservation, revision: string): number {
  return revisions.get(revision)?.ready ?? 0;
}

export const trafficInvariants: Readonly<Record<string, Invariant>> = {
  weightsSumTo100,
  noWeightOnAnUnreadyRevision,
  aRejectedRevisionGainsNoTraffic,
  servingCapacityIsNeverTakenAway,
  aStepOfPodsHasItsShare,
  whatIsRoutedToExists,
  whatIsNeededIsKept,
};
