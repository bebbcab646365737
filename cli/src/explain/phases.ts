import type { HoldReason, ReleasePhase, RevisionStatus } from '@sluice/crds';
import { isUndone } from '@sluice/operator/src/agent/ledger/releases.ts';
import { isTerminal } from '@sluice/operator/src/release/decision.ts';
import { positionOf, shareSentence } from '@sluice/operator/src/release/plan.ts';
import { stepEndOf } from '@sluice/operator/src/release/step-end.ts';
import { spanBetween } from '../terminal/time-span.ts';
import { type Facts, isSuspended, listed, since } from './facts.ts';
import { attemptSentences } from './attempts.ts';
import { openSuites, suiteCauses } from './suite-causes.ts';
import { crashSentences, evidenceSentences, gateSentences, outageSentences } from './numbers.ts';
import { stepWaitsFor, thresholdSentences } from './waits-for.ts';

/** Where a release is, in sentences with numbers; one function a phase. The first is the answer: what it waits for, or how it ended. */
const phases: Readonly<Record<ReleasePhase, (facts: Facts) => string[]>> = {
  Preparing: ({ status }) => [`It is being prepared and has no traffic: ${sentence(status.message ?? 'the operator has not begun yet')}`],
  Evaluating: (facts) => [suitesLeft(facts), `It is being evaluated ${since(facts.status.phaseStartedAt, facts.now)} and has no traffic.`, ...gateSentences(facts, 'Suite').filter((told) => !suiteCauses(facts).some((cause) => told.includes(cause))), ...attemptSentences(facts), ...forecastSentences(facts)],
  Shifting: (facts) => [sentence(stepWaitsFor(facts)), ...stepSentences(facts), ...gateSentences(facts, 'Objective'), ...thresholdSentences(facts), ...forecastSentences(facts), ...evidenceSentences(facts), ...crashSentences(facts)],
  AwaitingApproval: (facts) => [
    `It waits for a person ${since(facts.status.approval?.requestedAt ?? facts.status.phaseStartedAt, facts.now)}: ${whatIsAsked(facts)}.`,
    `It has ${weight(facts)}.`,
    ...gateSentences(facts, 'Objective'),
    ...crashSentences(facts),
  ],
  Promoting: (facts) => [`It is to take all the traffic${progress(facts)}: ${sentence(facts.status.message ?? 'pods are being brought up')}`],
  Held: (facts) => [`It is held: ${sentence(facts.status.message ?? 'it does not say why')}`, `It stands ${since(facts.status.stop?.since, facts.now)}, in the phase ${facts.status.stop?.phase ?? 'Preparing'} with ${weight(facts)}.`, ...holdSentences(facts), ...crashSentences(facts), standing],
  Paused: (facts) => [`It was paused${by(facts, 'Paused')}${note(facts)} and stands ${since(facts.status.stop?.since, facts.now)}, in the phase ${facts.status.stop?.phase ?? 'Preparing'} with ${weight(facts)}.`, ...crashSentences(facts), standing],
  RollingBack: ({ status }) => [`It is rolling back (${status.reason ?? 'no reason is known'}): ${sentence(status.message ?? '')}`],
  Promoted: (facts) => [...ended(facts, 'It was promoted'), ...undone(facts)],
  RolledBack: (facts) => [...ended(facts, facts.status.completion === 'FastRolledBack' ? 'It was rolled back before it had any traffic' : 'It was rolled back'), ...failedGates(facts)],
  Aborted: (facts) => ended(facts, `It was aborted${by(facts, 'RollingBack')}`),
  Superseded: (facts) => ended(facts, 'It was superseded'),
};

function suitesLeft(facts: Facts): string {
  const open = openSuites(facts);
  if (open.length === 0) return 'Its suites have passed, and it is about to go on.';
  const { phase, message = '' } = facts.agent.status ?? {};
  const untold = suiteCauses(facts).filter((cause) => phase !== 'Degraded' || !message.includes(cause));
  return sentence(`It waits for ${open.length === 1 ? 'suite' : 'the suites'} ${listed(open)}${untold.length === 0 ? '' : `: ${untold.join('; ')}`}`);
}

/** With what the answer Promote comes to. */
function whatIsAsked({ status, agent }: Facts): string {
  const promote = `kubectl sluice promote ${agent.metadata.name}`;
  return status.approval?.cause === 'Inconclusive' ? `its objectives could not decide in time, and ${promote} gives all the traffic to what is not proven` : `${promote} approves it`;
}

/** What the gates need with the traffic of today, as it was told before any of it moved: until something was counted, which says it better. */
function forecastSentences({ status }: Facts): string[] {
  const { forecast, log = [] } = status.gate ?? {};
  return forecast === undefined || log.length > 0 ? [] : [sentence(forecast.message)];
}

const standing = 'Its weight stays, its clock stands, and none of its time is spent.';

/** What the operator looks at, per reason of a hold. */
const holds: Readonly<Record<HoldReason, (facts: Facts) => string[]>> = {
  ProviderOutage: (facts) => [...outageSentences(facts), 'Such failures say nothing about the revision, so nothing is judged on them; it goes on with a fresh window once the provider answers again.'],
  MetricsMissing: (facts) => [...evidenceSentences(facts), 'What is not measured is never a pass.'],
  Freeze: () => ['Rolling back stays possible.'],
  Dependency: ({ plan }) => [`It depends on ${(plan?.dependsOn ?? []).map(({ name }) => name).join(', ')}.`],
  SpecUnreadable: () => ['As soon as the spec can be read again the release goes on, or makes room for what is asked for then.'],
  Suspended: () => ['The agent was suspended; the operator is about to go on.'],
};

export function whereItIs(facts: Facts): string[] {
  return isSuspended(facts) && !isTerminal(facts.phase) ? suspended(facts) : phases[facts.phase](facts);
}

/** What a suspended release would wait for is not what it waits for. */
function suspended(facts: Facts): string[] {
  const { release, phase, status } = facts;
  const position = (status.stop?.phase ?? phase) === 'Shifting' ? positionOf(release) : undefined;
  const step = position === undefined ? '' : `, in step ${position.index + 1} of ${position.count}`;
  const before = status.stop === undefined ? '' : ` (it was ${status.stop.phase})`;
  return [`It stands in the phase ${phase}${before}${step}, with ${weight(facts)}.`, ...(phase === 'Held' ? [`It is held: ${sentence(status.message ?? 'it does not say why')}`] : []), ...gateSentences(facts, phase === 'Evaluating' ? 'Suite' : 'Objective'), ...crashSentences(facts), standing];
}

function holdSentences(facts: Facts): string[] {
  const reason = facts.status.stop?.reason;
  return reason === undefined ? [] : holds[reason](facts);
}

function stepSentences(facts: Facts): string[] {
  const { release, status, now } = facts;
  const position = positionOf(release);
  if (position === undefined) return [sentence(status.message ?? 'Its steps are done.')];
  const title = `It is in step ${position.index + 1} of ${position.count}: ${shareSentence(position.step)}${reality(facts)}.`;
  const begun = spanBetween(status.stepStartedAt, now);
  if (begun === undefined) return [title, 'The time of the step has not begun.'];
  return [title, `The step has run for ${begun} of at least ${leastOfStep(facts, position.step.duration)}.`];
}

/** With why it is more than the duration that is written. */
function leastOfStep({ release, status }: Facts, duration: string): string {
  const end = stepEndOf(release);
  if (end === undefined || end.waitsFor === 'Duration') return duration;
  const why = end.waitsFor === 'Settling' ? 'requests from before it must have ended and been counted' : 'rollout.gates.minDuration is not over before';
  return `${spanBetween(status.stepStartedAt, end.at) ?? duration} (its duration is ${duration}; ${why})`;
}

/** The real share, where it is not the wanted one, and that of the requests that were counted. */
function reality({ agent, release, status }: Facts): string {
  const real = canaryOf({ agent, release })?.actualWeight;
  const measured = agent.status?.traffic?.measuredWeight;
  if (real === undefined || status.mirrorPercent !== undefined) return '';
  return `${real === status.weight ? '' : `, really ${real} %`}${measured === undefined ? '' : `, ${measured} % measured`}`;
}

/** As far as the agent's status tells of this very revision. */
function progress(facts: Facts): string {
  const canary = canaryOf(facts);
  return canary === undefined ? '' : `, and has ${canary.actualWeight} % of it by now, with ${canary.readyReplicas} of ${canary.replicas} pods ready`;
}

function canaryOf({ agent, release }: Pick<Facts, 'agent' | 'release'>): RevisionStatus | undefined {
  const canary = agent.status?.canary;
  return canary?.revision === release.spec.revision ? canary : undefined;
}

function weight(facts: Facts): string {
  const { status } = facts;
  return status.mirrorPercent === undefined ? `${status.weight ?? 0} % of the traffic${reality(facts)}` : `copies of ${status.mirrorPercent} % of the requests`;
}

function ended({ agent, status, now }: Facts, how: string): string[] {
  const after = spanBetween(status.startedAt, status.finishedAt);
  const time = status.finishedAt === undefined ? '' : ` ${spanBetween(status.finishedAt, now) ?? '?'} ago${after === undefined ? '' : `, ${after} after it began`}`;
  const title = `${how}${time}${status.reason === undefined ? '' : ` (${status.reason})`}`;
  return [isToldBy(agent, status.message) ? `${title}.` : `${title}: ${sentence(status.message ?? 'nothing more is known')}`];
}

/** The agent tells why its last release ended, without what that came to then. */
function isToldBy({ status }: Facts['agent'], message: string | undefined): boolean {
  const why = message?.replace(/^Rolled back: /, '').replace(/; [^;]*$/, '');
  return why !== undefined && why !== '' && status?.message?.includes(why) === true;
}

function undone({ release, status }: Facts): string[] {
  if (!isUndone(release)) return [];
  const who = status.handledIntent?.verb === 'Undo' && status.handledIntent.by !== undefined ? ` by ${status.handledIntent.by}` : '';
  return [`It was taken back later${who}: revision ${status.undoTo ?? 'before'} takes the traffic.`];
}

function failedGates(facts: Facts): string[] {
  const said = facts.status.message ?? '';
  return [...(facts.status.evaluations ?? []).map(({ suite, verdict, message }) => ({ name: suite, verdict, message })), ...(facts.status.objectives ?? [])]
    .filter(({ verdict, message }) => verdict === 'Fail' && !said.includes(message))
    .map(({ name, message }) => `${name} failed: ${sentence(message)}`);
}

function by({ status }: Facts, phase: ReleasePhase): string {
  const asked = status.transitions?.findLast((transition) => transition.phase === phase)?.by;
  return asked === undefined ? '' : ` by ${asked}`;
}

function note({ status }: Facts): string {
  const { verb, note: why } = status.handledIntent ?? {};
  return verb === 'Pause' && why !== undefined ? ` (${why})` : '';
}

/** With its full stop. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
