import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import type { AgentStand } from '../gateway/agent-stand.ts';
import { checkWeights, ended, STEP_LIMIT_MS } from '../gateway/release-watch.ts';
import type { StoryOutput } from '../story/output.ts';
import type { Checks } from '../story/result.ts';
import { FIRST, type ObjectiveCase, type RevisionChange } from './objective-cases.ts';
import { answersOf, type Users } from './users.ts';

export interface CaseOptions {
  readonly one: ObjectiveCase;
  /** Of this agent alone. */
  readonly stand: AgentStand;
  readonly users: Users;
  /** Applies the agent of the case with the change. */
  readonly apply: (change: RevisionChange) => Promise<void>;
  readonly checks: Checks;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
}

/** What a release came to: its last phase, why it was decided so, and the verdict of its objective. */
export interface CaseVerdicts {
  readonly asGood: string;
  readonly worse: string;
}

/** Of the stable revision before the first release: what it costs must be known. */
const ANSWERS_BEFORE = 20;
const ANSWERS_AFTER = 12;
/** Envoy has a route a moment after its status says so. */
const SETTLE_MS = 2_000;
const ENDED_WELL = 'Promoted AllStepsPassed Pass';
const TAKEN_BACK = 'RolledBack ObjectiveFailed Fail';

/** A revision that is as good is promoted on the proof of the objective alone, one that is worse is rolled back by it, and nobody is sent to it any more. */
export async function checkCase(options: CaseOptions): Promise<CaseVerdicts> {
  const { one, stand, users, apply } = options;
  const title = `${one.name} (${one.source})`;
  await apply(FIRST);
  const first = await ended(options, `${title}, the first revision`, undefined);
  await stand.until('the Gateway takes the route', STEP_LIMIT_MS, ({ status }) => status?.traffic?.router === 'Gateway' && status.traffic.state === 'Verified');
  await users.start(one);
  await answers(options, 'users are answered', ANSWERS_BEFORE);

  await apply(one.asGood);
  const promoted = await ended(options, `${title}, as good`, first);
  checkPromotion(options, title, promoted);

  await apply(one.worse);
  const takenBack = await ended(options, `${title}, worse`, promoted);
  checkRollback(options, title, takenBack);
  await checkWeights(options, `${title}: after the rollback`, { [promoted.spec.revision]: 100 });
  await checkTrafficIsBack(options, title, { stable: promoted.spec.revision, worse: takenBack.spec.revision });
  return { asGood: verdictOf(one, promoted), worse: verdictOf(one, takenBack) };
}

function verdictOf({ name }: ObjectiveCase, { status }: Release): string {
  const decided = status?.transitions?.findLast(({ phase }) => phase === 'Promoting' || phase === 'RollingBack');
  return `${status?.phase} ${decided?.reason} ${objectiveOf(name, status)?.verdict}`;
}

function objectiveOf(name: string, status: Release['status']) {
  return status?.objectives?.find((objective) => objective.name === name);
}

function checkPromotion({ one, checks, output }: CaseOptions, title: string, release: Release): void {
  checks.equal(`${title}: what is as good is promoted on its proof`, verdictOf(one, release), ENDED_WELL);
  const said = objectiveOf(one.name, release.status)?.message ?? '';
  output.line(`${title}, as good: ${said}`);
  checks.expect(`${title}: the proof has its numbers`, said.startsWith(`${one.name}: `) && said.includes('proven within the margin') && isStated(said) ? 'passed' : 'failed', said);
  if (one.objective.cost !== undefined) checks.expect(`${title}: the cost of a success is measured on both`, /a success costs \$[\d.]+ on the new revision and \$[\d.]+ on the stable one/.test(said) ? 'passed' : 'failed', said);
}

function checkRollback({ one, checks }: CaseOptions, title: string, release: Release): void {
  checks.equal(`${title}: what is worse is rolled back by the objective`, verdictOf(one, release), TAKEN_BACK);
  const said = release.status?.message ?? '';
  const whole = [`most of all in ${one.name}: `, `is worse in ${one.name}: `].some((words) => said.includes(words)) && one.tells.test(said) && isStated(said);
  checks.expect(`${title}: one sentence says why, with the numbers of both revisions`, whole && isOneSentence(said) ? 'passed' : 'failed', said);
}

/** The Gateway divides requests, so the chance of error holds and nothing is said against it. */
function isStated(said: string): boolean {
  return !said.includes('no chance of error');
}

function isOneSentence(said: string): boolean {
  return !/[.!?]\s/.test(said.trim());
}

async function checkTrafficIsBack(options: CaseOptions, title: string, { stable, worse }: { readonly stable: string; readonly worse: string }): Promise<void> {
  const { users, checks, signal } = options;
  await sleep(SETTLE_MS, undefined, { signal });
  const begin = await users.summary();
  await answers(options, 'users are answered after the rollback', answersOf(begin) + ANSWERS_AFTER);
  const end = await users.stop();
  const met = answersOf(begin, worse);
  checks.expect(`${title}: users met the worse revision, and after the rollback nobody does`, met > 0 && answersOf(end, worse) === met && answersOf(end, stable) >= answersOf(begin, stable) + ANSWERS_AFTER ? 'passed' : 'failed', `${met} answers of it before, ${answersOf(end, worse) - met} after; ${JSON.stringify(end.revisions)}`);
  checks.expect(`${title}: no request failed`, Object.keys(end.failures).length === 0 ? 'passed' : 'failed', JSON.stringify(end));
}

async function answers({ stand, users }: CaseOptions, what: string, atLeast: number): Promise<void> {
  await stand.until(what, STEP_LIMIT_MS, async () => answersOf(await users.summary()) >= atLeast);
}
