import type { IntentVerb, Release, ReleasePhase } from '@sluice/crds';
import { isTerminal } from '../decision.ts';
import { hasMetNobody } from '../exposure.ts';
import type { Hindrance, ReleaseRole, RevisionScale } from '../observation.ts';
import { planOf } from '../plan.ts';

/** What an answer to an intent depends on; people's tools can tell it from what they read, and refuse before they ask. */
export interface IntentSituation {
  readonly release: Release;
  readonly role: ReleaseRole;
  /** Name of another release of the agent that is on its way. */
  readonly other?: string | undefined;
  /** Promoted revisions that one can go back to, the latest first; without the one that serves. */
  readonly returnable: readonly string[];
  /** Promoted revisions that a person took back, the latest first: one can go back to them by name. */
  readonly undone: readonly string[];
  readonly hindrances: readonly Hindrance[];
  /** Pods of the release's revision; absent where nobody has counted them. */
  readonly canary?: Pick<RevisionScale, 'ready'>;
  /** The revision that the spec and all that it names come to now; absent: they cannot be read. */
  readonly wanted?: string | undefined;
}

export interface Wish {
  readonly verb: IntentVerb;
  readonly revision: string;
  readonly toRevision?: string | undefined;
  /** Index of the step that is meant; the number of steps, or more, for the approval after them. */
  readonly step?: number | undefined;
}

type Rule = (situation: IntentSituation, wish: Wish) => string | undefined;

const heardIn: Readonly<Partial<Record<IntentVerb, readonly ReleasePhase[]>>> = {
  Promote: ['Shifting', 'AwaitingApproval'],
  PromoteFull: ['Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval', 'Held', 'Paused'],
  Abort: ['Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval', 'Promoting', 'Held', 'Paused'],
  Pause: ['Preparing', 'Evaluating', 'Shifting', 'Held'],
  Resume: ['Paused'],
  Skip: ['Shifting'],
};

/** Why an intent is not done, in one sentence that says what to do instead; undefined when it is. Pure. */
export function refusalOf(situation: IntentSituation, wish: Wish): string | undefined {
  for (const rule of rules) {
    const refusal = rule(situation, wish);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const rules: readonly Rule[] = [staleRevision, staleStep, wrongPhase, notTheOneThatServes, nothingToTry, notRejected, notWhatWasSeen, nothingToReturnTo, hindered, clockNotRunning];

function staleRevision({ release }: IntentSituation, { revision }: Wish): string | undefined {
  if (revision === release.spec.revision) return undefined;
  return `it names revision ${revision}, and this release is of revision ${release.spec.revision}: look again at what is going out, and ask anew`;
}

/** What ends one step is not to end the next, nor to approve what comes after the last. */
function staleStep({ release }: IntentSituation, { verb, step }: Wish): string | undefined {
  const { status = {} } = release;
  if (step === undefined || (verb !== 'Promote' && verb !== 'Skip') || (status.phase !== 'Shifting' && status.phase !== 'AwaitingApproval')) return undefined;
  const count = planOf(release)?.steps?.length ?? 0;
  const current = status.phase === 'Shifting' ? (status.step ?? 0) : count;
  if (step === current || (status.phase === 'AwaitingApproval' && step > count)) return undefined;
  const meant = step < count ? `step ${step + 1}` : 'the approval after the last step';
  const place = status.phase === 'Shifting' ? `is in step ${current + 1}` : 'waits for an approval';
  return `it is about ${meant}, and the release ${place} by now: look again at what is going out, and ask anew`;
}

function wrongPhase({ release }: IntentSituation, { verb }: Wish): string | undefined {
  const phases = heardIn[verb];
  const phase = release.status?.phase ?? 'Preparing';
  if (phases === undefined || phases.includes(phase)) return undefined;
  if (isTerminal(phase)) return `the release has ended (${phase})${verb === 'PromoteFull' || verb === 'Promote' ? '; Retry tries a failed revision again' : ''}`;
  if (phase === 'RollingBack') return 'the release is rolling back already';
  if (phase === 'Paused') return `the release is paused: ask for Resume before ${verb}`;
  if (phase === 'Held') return `the release is held: ${release.status?.message ?? 'something outside of it is in the way'}`;
  return `the release is ${phase}, and ${verb} is heard only while it is ${phases.join(', ')}`;
}

function notTheOneThatServes({ role, other }: IntentSituation, { verb }: Wish): string | undefined {
  if (verb !== 'Undo') return undefined;
  if (other !== undefined) return `release ${other} is on its way: abort that one, which brings back what serves`;
  return role === 'Serving' ? undefined : 'Undo takes back the revision that serves, and this release did not bring it: ask it of the release that was promoted last';
}

/** Which release stands against the spec is known by what it asks for. */
function nothingToTry({ wanted, hindrances, other }: IntentSituation, { verb }: Wish): string | undefined {
  if (verb !== 'Retry' || wanted !== undefined || other !== undefined) return undefined;
  const { message } = hindrances.find(({ reason }) => reason === 'SpecUnreadable') ?? {};
  return message === undefined ? undefined : `there is nothing to try as long as the spec cannot be used: ${message}`;
}

function notRejected({ role, other }: IntentSituation, { verb }: Wish): string | undefined {
  if (verb !== 'Retry') return undefined;
  if (other !== undefined) return `release ${other} is on its way: wait for its end, or abort it`;
  return role === 'Rejecting' ? undefined : 'Retry tries again what failed or was taken back, and nothing of this release keeps what the spec asks for from being released: there is nothing to retry';
}

/** What would be released is what the asker has seen: something that it names may have been edited since. */
function notWhatWasSeen({ wanted }: IntentSituation, { verb, toRevision }: Wish): string | undefined {
  if (verb !== 'Retry' || toRevision === undefined || wanted === undefined || wanted === toRevision) return undefined;
  return `the spec and what it names come to revision ${wanted} now, not to ${toRevision}: look again at what would be released, and ask anew`;
}

/** What was undone is gone back to only by name: nobody means it who asks for the one before. */
function nothingToReturnTo({ release: { spec }, returnable, undone }: IntentSituation, { verb, toRevision }: Wish): string | undefined {
  if (verb !== 'Undo') return undefined;
  const named = [...returnable, ...undone];
  if (toRevision === undefined) {
    if (returnable.length > 0) return undefined;
    if (undone.length > 0) return `every earlier revision that is kept (${undone.join(', ')}) was itself undone, so none is chosen without being named: kubectl sluice undo ${spec.agentName} --to-revision ${undone[0] ?? ''}`;
    return `there is no earlier revision to go back to: none was promoted before this one, or it failed since, or it is not kept any more; ${byTheSpec(spec.agentName)}`;
  }
  if (named.includes(toRevision)) return undefined;
  if (toRevision === spec.revision) return `revision ${toRevision} serves already`;
  const choice = named.length === 0 ? '' : `choose one of ${named.join(', ')}, or `;
  return `revision ${toRevision} cannot be brought back, because it was never promoted, failed since, or is not kept any more: ${choice}${byTheSpec(spec.agentName)}`;
}

/** How a revision comes back that cannot be gone back to. What failed before is not tried again by itself. */
function byTheSpec(agent: string): string {
  return `write what is to serve into the spec, and if it failed before, ask for it: kubectl sluice retry ${agent}`;
}

/** What would hold a step, and in the next look also whoever waits for an answer: what is refused then is not done a moment before. */
const holdsSteps: ReadonlySet<string> = new Set(['Freeze', 'ProviderOutage', 'MetricsMissing', 'SpecUnreadable']);

/** PromoteFull goes through a freeze: somebody takes it upon himself by name. */
function hindered(situation: IntentSituation, { verb }: Wish): string | undefined {
  const agrees = verb === 'Promote' && situation.release.status?.phase === 'AwaitingApproval';
  if (verb !== 'Skip' && !agrees) return undefined;
  const waitsForOthers = verb === 'Skip' && hasMetNobody(situation);
  return situation.hindrances.find(({ reason }) => holdsSteps.has(reason) || (reason === 'Dependency' && waitsForOthers))?.message;
}

function clockNotRunning({ release }: IntentSituation, { verb }: Wish): string | undefined {
  if (verb !== 'Promote' || release.status?.phase !== 'Shifting' || release.status.stepStartedAt !== undefined) return undefined;
  return 'the traffic of this step is not there yet: wait for it, or ask for Skip to go on without it';
}
