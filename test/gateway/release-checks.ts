import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import type { LoadReport } from '../load/report.ts';
import { binomialBounds } from './binomial.ts';
import type { LoadSummary } from './pods/load-client.ts';
import { checkDrain, checkStableDeath } from './disruption-checks.ts';
import { checkLife } from './life-checks.ts';
import { checkMirrorJudgement, checkMirrorRelease } from './mirror-check.ts';
import { checkWeights, ended, loadOf, type ReleaseChecksOptions, ROLLOUT, STEP_LIMIT_MS, untilWeight } from './release-watch.ts';
import { FALSE_ALARM } from './routing-checks.ts';

/** Requests of which the share at 50 % is counted. */
const COUNTED_REQUESTS = 60;
/** Time to count that many, and for the agent to say what was measured (a look every 30 s, told within 20 s), with room. */
const COUNTED = { ...ROLLOUT, steps: [{ weight: 10, duration: '5s' }, { weight: 50, duration: '90s' }] };
/** Ends by itself, with no failed request: nobody agrees. */
const UNAPPROVED = { ...ROLLOUT, approval: { policy: 'Required', timeout: '10s', onTimeout: 'RollBack' } };
/** Pods go on answering for a moment after their end has begun. */
const DRAIN_MS = 10_000;

/**
 * Every way in which a release can end, a drain of the node, the end of the operator's process, a suspension, an autoscaler and another
 * operator in the midst of one, with requests and streams through Envoy all the while: none may be lost. Last, the sudden death of the stable pods, of which only those may be lost that
 * they were at.
 */
export async function checkReleases(options: ReleaseChecksOptions): Promise<void> {
  const { stand, output } = options;
  await stand.applyAgent({ prompt: 'First.', rollout: ROLLOUT });
  const first = await ended(options, 'the first revision', undefined);
  await stand.until('the Gateway takes the route', STEP_LIMIT_MS, ({ status }) => status?.traffic?.router === 'Gateway' && status.traffic.state === 'Verified');
  await stand.startLoad();
  await stand.startSessions();
  await loadOf(options, (load) => load.succeeded > 30);
  output.line('load runs through Envoy');

  const promotedOne = await promoted(options, first);
  const rolledBackOne = await rolledBack(options, promotedOne);
  const abortedOne = await aborted(options, rolledBackOne, promotedOne);
  const restartedOne = await restarted(options, abortedOne);
  const superseding = await superseded(options, restartedOne);
  const lived = await checkLife(options, superseding);
  const judged = await checkMirrorJudgement(options, lived);
  const mirrored = await checkMirrorRelease(options, judged);
  const drained = await checkDrain(options, mirrored);
  await checkLoad(options);
  await checkStableDeath(options, drained);
}

async function promoted(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Second.', rollout: COUNTED });
  for (const { weight } of COUNTED.steps) {
    const { spec } = await untilWeight(options, weight, before);
    await checkWeights(options, `at ${weight} %`, { [before.spec.revision]: 100 - weight, [spec.revision]: weight });
    if (weight === 50) await checkShare(options, spec.revision);
  }
  const release = await ended(options, 'a canary at 10 %, then 50 %', before);
  checks.equal('the canary is promoted', release.status?.phase ?? '', 'Promoted');
  await checkWeights(options, 'after the promotion', { [release.spec.revision]: 100 });
  return release;
}

/** What the weight is worth to users who come for the first time, and to those who come back. */
async function checkShare(options: ReleaseChecksOptions, canary: string): Promise<void> {
  const { stand, checks } = options;
  const sessionsBefore = await stand.sessions();
  const begin = await loadOf(options, () => true);
  const end = await loadOf(options, (load) => load.succeeded >= begin.succeeded + COUNTED_REQUESTS);
  const sessions = await stand.sessions();
  const answered = (report: LoadReport): number => report.revisions[canary]?.succeeded ?? 0;
  const total = end.succeeded - begin.succeeded;
  const share = answered(end) - answered(begin);
  const { least, most } = binomialBounds(total, 0.5, FALSE_ALARM);
  checks.expect(`at 50 % the canary answers ${least} to ${most} of ${total} new users (false alarm ${FALSE_ALARM})`, share >= least && share <= most ? 'passed' : 'failed', String(share));
  const pinned = answersOf(sessions) - answersOf(sessionsBefore);
  checks.expect('at 50 % no session moves to the other revision', sessions.moves === sessionsBefore.moves && pinned > 5 ? 'passed' : 'failed', `${sessions.moves - sessionsBefore.moves} moves in ${pinned} answers`);
  const pinnedToCanary = (sessions.revisions[canary] ?? 0) - (sessionsBefore.revisions[canary] ?? 0);
  await checkMeasured(options, { trials: total + pinned, chance: (share + pinnedToCanary) / (total + pinned) });
}

/** The operator counts at the pods, where sessions count too: what it says is compared with what the clients saw. */
async function checkMeasured({ stand, checks }: ReleaseChecksOptions, { trials, chance }: { readonly trials: number; readonly chance: number }): Promise<void> {
  const { least, most } = binomialBounds(trials, chance, FALSE_ALARM);
  const [low, high] = [Math.floor((100 * least) / trials), Math.ceil((100 * most) / trials)];
  const { status } = await stand.until('the operator has measured', STEP_LIMIT_MS, (agent) => agent.status?.traffic?.measuredWeight !== undefined);
  const measured = status?.traffic?.measuredWeight ?? -1;
  checks.expect(`the operator measures what the clients saw, ${Math.round(100 * chance)} % (${low} to ${high}; false alarm ${FALSE_ALARM})`, measured >= low && measured <= high ? 'passed' : 'failed', String(measured));
}

function answersOf({ requests, streams }: LoadSummary): number {
  return requests + streams;
}

export async function rolledBack(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Third.', rollout: UNAPPROVED });
  await stand.until('it waits for an answer', STEP_LIMIT_MS, ({ status }) => status?.release?.phase === 'AwaitingApproval');
  const release = await ended(options, 'a canary that nobody agrees to', before);
  checks.equal('a release that nobody agrees to is rolled back', release.status?.phase ?? '', 'RolledBack');
  await checkWeights(options, 'after the rollback', { [before.spec.revision]: 100 });
  return release;
}

export async function aborted(options: ReleaseChecksOptions, before: Release, stable: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Fourth.', rollout: ROLLOUT });
  await stand.intend(await untilWeight(options, 50, before), 'Abort');
  const release = await ended(options, 'a canary that is aborted', before);
  checks.equal('a release ends as it was asked to', `${release.status?.phase} ${release.status?.handledIntent?.outcome}`, 'Aborted Accepted');
  await checkWeights(options, 'after the abort', { [stable.spec.revision]: 100 });
  return release;
}

export async function restarted(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Fifth.', rollout: ROLLOUT });
  await untilWeight(options, 10, before);
  await stand.kubectl(['-n', 'sluice-system', 'delete', 'pods', '-l', 'app.kubernetes.io/name=sluice,app.kubernetes.io/component=operator', '--grace-period=0', '--force', '--wait=false']);
  const release = await ended(options, 'a canary whose operator is killed', before);
  checks.equal('a release whose operator is killed goes on and is promoted', release.status?.phase ?? '', 'Promoted');
  await checkWeights(options, 'after it', { [release.spec.revision]: 100 });
  return release;
}

export async function superseded(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Sixth.', rollout: ROLLOUT });
  const overtaken = await untilWeight(options, 50, before);
  await stand.applyAgent({ prompt: 'Seventh.', rollout: ROLLOUT });
  const release = await ended(options, 'a canary that overtakes another', overtaken);
  checks.equal('a release in the midst of which another begins is superseded', (await stand.release(overtaken.metadata.name))?.status?.phase ?? '', 'Superseded');
  checks.equal('the one that overtook it is promoted', release.status?.phase ?? '', 'Promoted');
  await checkWeights(options, 'after both', { [release.spec.revision]: 100 });
  return release;
}

async function checkLoad(options: ReleaseChecksOptions): Promise<void> {
  await sleep(DRAIN_MS, undefined, options);
  const load = await loadOf(options, () => true);
  const { sent, succeeded, failed, failures, dropped } = load;
  options.checks.expect('no request and no stream through Envoy failed in all of this', failed === 0 && dropped === 0 ? 'passed' : 'failed', JSON.stringify({ sent, succeeded, failures, dropped, revisions: countsOf(load), examples: load.failureExamples }));
  const sessions = await options.stand.sessions();
  options.checks.expect('no request and no stream of a session that is pinned by its cookie failed', Object.keys(sessions.failures).length === 0 && sessions.requests > 50 ? 'passed' : 'failed', JSON.stringify(sessions));
  options.checks.expect('the load ran all the while', sent > 300 ? 'passed' : 'failed', `${sent} requests`);
}

function countsOf({ revisions }: LoadReport): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(revisions).map(([revision, { succeeded, failed }]) => [revision, `${succeeded} answered, ${failed} failed`]));
}
