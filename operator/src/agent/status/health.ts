import { durationMilliseconds } from '@sluice/crds';
import type { AgentPhase } from '@sluice/crds';
import { conditionMessage } from '../../conditions/bounded-sentence.ts';
import { epochOf } from '../../release/decision.ts';
import type { Hindrance } from '../../release/observation.ts';
import { progressDeadlineOf } from '../../release/readiness.ts';
import { turnSentence } from '../../pacing/release-turns.ts';
import { providerUnavailable } from '../../provider-watch/provider-standings.ts';
import { capacityOf } from '../release-step/capacity.ts';
import type { AgentObservation, RevisionState } from '../observation.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import { trafficOf } from '../revisions/traffic.ts';
import { inVain } from './in-vain.ts';
import { oldPods, readyPods } from './old-pods.ts';
import { rejected } from './rejected.ts';

/** One answer to "is it healthy, what is live, what is going out, why is it stopped?". */
export interface Health {
  readonly phase: AgentPhase;
  /** CamelCase; becomes the reason of the Ready condition. */
  readonly reason: string;
  readonly message: string;
}

type Assessment = (observation: AgentObservation, ledger: ReleaseLedger) => Health | undefined;

/** The first that applies is the answer. */
const assessments: readonly Assessment[] = [stableDown, unresolved, stuck, notTakenBack, tryingInVain, releasing, rejected, leaving, misconfigured, aboutToRelease, belowCapacity, notRouted, cutOff, awaitingTurn];

export function assess(observation: AgentObservation, ledger: ReleaseLedger): Health {
  for (const assessment of assessments) {
    const health = assessment(observation, ledger);
    // What others say, such as a webhook, has no bound of its own.
    if (health !== undefined) return { ...health, message: conditionMessage(health.message) };
  }
  return { phase: 'Healthy', reason: 'Serving', message: `Revision ${ledger.stableRevision ?? ''} serves all the traffic` };
}

function stableState({ revisions }: AgentObservation, ledger: ReleaseLedger): RevisionState | undefined {
  return ledger.stableRevision === undefined ? undefined : revisions.get(ledger.stableRevision);
}

/** Nobody is served although somebody should be: worth more than any other news. */
function stableDown(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  if (ledger.stableRevision === undefined || capacityOf(observation, ledger).capacity === 0) return undefined;
  if (readyPods(observation) > 0) return undefined;
  const problem = stableState(observation, ledger)?.podProblem;
  return { phase: 'Degraded', reason: 'NoReadyPods', message: `No pod is ready to serve${problem === undefined ? '' : `: ${problem}`}` };
}

function unresolved({ desired }: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  if (desired.kind === 'Rendered') return undefined;
  const serving = ledger.stableRevision === undefined ? '' : `; revision ${ledger.stableRevision} keeps serving`;
  return { phase: ledger.stableRevision === undefined ? 'Pending' : 'Degraded', reason: desired.problem.reason, message: `${desired.problem.message}${serving}${whatStands(ledger)}` };
}

/** What becomes of the release on its way while nobody can tell what the spec asks for. */
function whatStands({ active }: ReleaseLedger): string {
  const { phase, stop, weight = 0 } = active?.status ?? {};
  if (active === undefined || (phase !== 'Promoting' && stop?.reason !== 'SpecUnreadable')) return '';
  return `; release ${active.metadata.name} stands until then, with ${weight} % of the traffic for revision ${active.spec.revision}, which is not promoted`;
}

function releasing({ revisions }: AgentObservation, { active }: ReleaseLedger): Health | undefined {
  if (active === undefined) return undefined;
  const message = `${active.metadata.name}: ${active.status?.message ?? 'starting'}`;
  const phase = active.status?.phase ?? 'Preparing';
  // What pods say that are on their way out is told by why they go.
  const problem = phase === 'RollingBack' ? undefined : revisions.get(active.spec.revision)?.podProblem;
  const asksPerson = phase === 'Paused' || phase === 'AwaitingApproval';
  return { phase: asksPerson ? 'Paused' : 'Progressing', reason: phase, message: problem === undefined ? message : `${message} (${problem})` };
}

/** A release that nothing but a corrected spec, or another operator, lets go on. */
function stuck(observation: AgentObservation, { active }: ReleaseLedger): Health | undefined {
  const { phase, stop } = active?.status ?? {};
  if (active === undefined || phase !== 'Held') return undefined;
  const { freeze, metricsSource } = observation;
  const standing = { Freeze: freeze, MetricsMissing: metricsSource }[String(stop?.reason)];
  return uncorrected(standing, `${active.metadata.name}: `);
}

/** What does not mend itself, though nothing is given up. */
function tryingInVain(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  const found = inVain(observation, ledger);
  return found === undefined ? undefined : { phase: 'Degraded', reason: found.reason, message: `${ledger.active?.metadata.name ?? ''}: ${found.message}` };
}

/** A rollback that the Gateway does not take up: users are still on the revision that failed, and only a person can look after the Gateway. */
function notTakenBack(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  const { active } = ledger;
  const { state, router, message = 'it does not say why' } = trafficOf(observation, ledger);
  if (active?.status?.phase !== 'RollingBack' || router === 'ReplicaRatio' || state === 'Verified') return undefined;
  const limit = progressDeadlineOf(active);
  if (observation.now - epochOf(active.status.phaseStartedAt, observation.now) < durationMilliseconds(limit)) return undefined;
  const { revision } = active.spec;
  return { phase: 'Degraded', reason: 'RouteNotTaken', message: `${active.metadata.name}: the traffic of revision ${revision} has not been taken back for ${limit}, so users may still meet it. ${message}` };
}

/** As long as an old revision answers requests, whoever waits for the new one waits: what depends on this agent, or a pipeline. */
function leaving(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  const { told } = oldPods(observation, ledger);
  return told === undefined || ledger.stableRevision === undefined ? undefined : { phase: 'Progressing', reason: 'OldPodsLeaving', message: `Revision ${ledger.stableRevision} serves; still leaving: ${told}` };
}

/** Told before the next release meets it. */
function misconfigured({ freeze }: AgentObservation, { stableRevision }: ReleaseLedger): Health | undefined {
  return uncorrected(freeze, stableRevision === undefined ? '' : `Revision ${stableRevision} keeps serving. `);
}

function uncorrected(hindrance: Hindrance | undefined, about: string): Health | undefined {
  return hindrance?.correction === undefined ? undefined : { phase: 'Degraded', reason: hindrance.correction, message: `${about}${hindrance.message}` };
}

/** Between a change of the spec and its release nothing may look finished: Argo CD and kubectl wait believe what is said here. */
function aboutToRelease({ desired, turns }: AgentObservation, { stableRevision }: ReleaseLedger): Health | undefined {
  if (desired.kind === 'Unresolved' || desired.record.revision === stableRevision || (turns !== undefined && stableRevision !== undefined)) return undefined;
  const release = stableRevision === undefined ? 'The first release' : `The release of revision ${desired.record.revision}`;
  return { phase: 'Progressing', reason: 'Preparing', message: `${release} is about to begin` };
}

/** It may be long until then, so whatever is wrong with what serves is told first. */
function awaitingTurn({ desired, turns }: AgentObservation, { stableRevision }: ReleaseLedger): Health | undefined {
  if (turns === undefined || desired.kind === 'Unresolved' || desired.record.revision === stableRevision) return undefined;
  return { phase: 'Progressing', reason: 'AwaitingTurn', message: `The release of revision ${desired.record.revision} waits for its turn: ${turnSentence(turns.limit)}` };
}

function belowCapacity(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  const { capacity } = capacityOf(observation, ledger);
  const state = stableState(observation, ledger);
  const ready = state?.ready ?? 0;
  if (ready >= capacity) return undefined;
  const problem = state?.podProblem === undefined ? '' : `: ${state.podProblem}`;
  return { phase: 'Progressing', reason: 'PodsNotReady', message: `${ready} of ${capacity} pods of revision ${ledger.stableRevision ?? ''} are ready${problem}` };
}

/** Users come by the route: an agent that no Gateway leads to is not what its spec says. */
function notRouted(observation: AgentObservation, ledger: ReleaseLedger): Health | undefined {
  const { state, message = 'the Gateway has not said yet that it takes the route' } = trafficOf(observation, ledger);
  if (state === 'Verified') return undefined;
  return state === 'Refused' ? { phase: 'Degraded', reason: 'RouteRefused', message } : { phase: 'Progressing', reason: 'RoutePending', message };
}

/** Its pods are ready and answer, though with errors alone: nobody's release is to blame, and it passes without a change of the spec. */
function cutOff({ providerCutOff }: AgentObservation): Health | undefined {
  return providerCutOff === undefined ? undefined : { phase: 'Degraded', reason: providerUnavailable, message: providerCutOff };
}
