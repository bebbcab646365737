import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import type { LoadReport } from '../load/report.ts';
import type { StoryOutput } from '../story/output.ts';
import type { Checks } from '../story/result.ts';
import type { AgentStand } from './agent-stand.ts';
import { binomialBounds } from './binomial.ts';
import { FALSE_ALARM } from './routing-checks.ts';

export interface ReleaseChecksOptions {
  readonly stand: AgentStand;
  readonly checks: Checks;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
}

const STEP_LIMIT_MS = 150_000;
const ENDED = ['Promoted', 'RolledBack', 'Superseded', 'Aborted'];
/** Requests of which the share at 50 % is counted. */
const COUNTED_REQUESTS = 60;
const STEPS = [
  { weight: 10, duration: '5s' },
  { weight: 50, duration: '12s' },
];
/** No gates: what is looked at here is the traffic, and the story has the verdicts. */
const ROLLOUT = { steps: STEPS, progressDeadline: '2m', maxDuration: '5m' };
/** Ends by itself, with no failed request: nobody agrees. */
const UNAPPROVED = { ...ROLLOUT, approval: { policy: 'Required', timeout: '10s', onTimeout: 'RollBack' } };

/**
 * Every way in which a release can end, and a restart of the operator in the midst of one, with requests and streams through Envoy all the
 * while: none may be lost.
 */
export async function checkReleases(options: ReleaseChecksOptions): Promise<void> {
  const { stand, output } = options;
  await stand.applyAgent({ prompt: 'First.', rollout: ROLLOUT });
  const first = await ended(options, 'the first revision', undefined);
  await stand.until('the Gateway takes the route', STEP_LIMIT_MS, ({ status }) => status?.traffic?.router === 'Gateway' && status.traffic.state === 'Verified');
  await stand.startLoad();
  await loadOf(options, (load) => load.succeeded > 30);
  output.line('load runs through Envoy');

  const second = await promoted(options, first);
  const third = await rolledBack(options, second);
  const fourth = await aborted(options, third);
  await restarted(options, fourth);
  await checkLoad(options);
}

async function promoted(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Second.', rollout: ROLLOUT });
  for (const weight of STEPS.map((step) => step.weight)) await checkStep(options, weight, before);
  const release = await ended(options, 'a canary at 10 %, then 50 %', before);
  checks.equal('the canary is promoted', release.status?.phase ?? '', 'Promoted');
  const weights = JSON.stringify(await stand.routeWeights());
  checks.equal('after the promotion all weight is on the new revision', weights, JSON.stringify({ [release.spec.revision]: 100 }));
  return release;
}

/** The weight is real when the Gateway has taken it: then the route says it, the status says it, and the requests follow it. */
async function checkStep(options: ReleaseChecksOptions, weight: number, before: Release): Promise<void> {
  const { stand, checks } = options;
  const agent = await stand.until(`${weight} % on the canary, taken by the Gateway`, STEP_LIMIT_MS, ({ status }) => status?.canary?.actualWeight === weight && status.traffic?.state === 'Verified');
  const canary = agent.status?.canary?.revision ?? '';
  const weights = await stand.routeWeights();
  const expected = { [before.spec.revision]: 100 - weight, [canary]: weight };
  checks.expect(`at ${weight} % the HTTPRoute says so`, Object.entries(expected).every(([revision, share]) => weights[revision] === share) ? 'passed' : 'failed', JSON.stringify(weights));
  if (weight === 50) await checkShare(options, canary);
}

async function checkShare(options: ReleaseChecksOptions, canary: string): Promise<void> {
  const begin = await loadOf(options, () => true);
  const end = await loadOf(options, (load) => load.succeeded >= begin.succeeded + COUNTED_REQUESTS);
  const answered = (report: LoadReport, revision: string): number => report.revisions[revision]?.succeeded ?? 0;
  const total = end.succeeded - begin.succeeded;
  const share = answered(end, canary) - answered(begin, canary);
  const { least, most } = binomialBounds(total, 0.5, FALSE_ALARM);
  options.checks.expect(`at 50 % the canary answers ${least} to ${most} of ${total} requests (false alarm ${FALSE_ALARM})`, share >= least && share <= most ? 'passed' : 'failed', String(share));
}

async function rolledBack(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Third.', rollout: UNAPPROVED });
  await stand.until('it waits for an answer', STEP_LIMIT_MS, ({ status }) => status?.release?.phase === 'AwaitingApproval');
  const release = await ended(options, 'a canary that nobody agrees to', before);
  checks.equal('a release that nobody agrees to is rolled back', release.status?.phase ?? '', 'RolledBack');
  await checkBack(options, before, 'the rollback');
  return release;
}

async function aborted(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  const stable = await stableRevision(options);
  await stand.applyAgent({ prompt: 'Fourth.', rollout: ROLLOUT });
  const agent = await stand.until('half of the traffic', STEP_LIMIT_MS, ({ status }) => status?.release?.name !== before.metadata.name && status?.canary?.actualWeight === 50);
  const running = await stand.release(agent.status?.release?.name ?? '');
  if (running === undefined) throw new Error('the release in the status does not exist');
  await stand.intend(running, 'Abort');
  const release = await ended(options, 'a canary that is aborted', before);
  checks.equal('the release ends as it was asked to', `${release.status?.phase} ${release.status?.handledIntent?.outcome}`, 'Aborted Accepted');
  checks.equal('after the abort the weight is where it was', JSON.stringify(await stand.routeWeights()), JSON.stringify({ [stable]: 100 }));
  return release;
}

async function restarted(options: ReleaseChecksOptions, before: Release): Promise<void> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Fifth.', rollout: ROLLOUT });
  await stand.until('a tenth of the traffic', STEP_LIMIT_MS, ({ status }) => status?.release?.name !== before.metadata.name && status?.canary?.actualWeight === 10);
  await stand.kubectl(['-n', 'sluice-system', 'delete', 'pods', '-l', 'app.kubernetes.io/name=sluice,app.kubernetes.io/component=operator', '--grace-period=0', '--force', '--wait=false']);
  const release = await ended(options, 'a canary whose operator is killed', before);
  checks.equal('a release whose operator is killed goes on and is promoted', release.status?.phase ?? '', 'Promoted');
  checks.equal('after it all weight is on the new revision', JSON.stringify(await stand.routeWeights()), JSON.stringify({ [release.spec.revision]: 100 }));
}

async function checkBack({ stand, checks }: ReleaseChecksOptions, stable: Release, after: string): Promise<void> {
  checks.equal(`after ${after} all weight is on the stable revision`, JSON.stringify(await stand.routeWeights()), JSON.stringify({ [stable.spec.revision]: 100 }));
}

async function checkLoad(options: ReleaseChecksOptions): Promise<void> {
  // The last pods leave after their drain: requests that this costs count too.
  await sleep(10_000, undefined, options);
  const load = await loadOf(options, () => true);
  const { sent, succeeded, failed, failures, dropped } = load;
  options.checks.expect('no request and no stream through Envoy failed in all of this', failed === 0 && dropped === 0 ? 'passed' : 'failed', JSON.stringify({ sent, succeeded, failures, dropped, revisions: countsOf(load), examples: load.failureExamples }));
  options.checks.expect('the load ran all the while', sent > 300 ? 'passed' : 'failed', `${sent} requests`);
}

function countsOf({ revisions }: LoadReport): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(revisions).map(([revision, { succeeded, failed }]) => [revision, `${succeeded} answered, ${failed} failed`]));
}

async function stableRevision({ stand }: ReleaseChecksOptions): Promise<string> {
  return (await stand.agent())?.status?.stable?.revision ?? '';
}

/** The next release after `before`, when it has ended. */
async function ended({ stand, output }: ReleaseChecksOptions, title: string, before: Release | undefined): Promise<Release> {
  const agent = await stand.until(`${title}: its end`, STEP_LIMIT_MS, ({ metadata, status }) => {
    const latest = status?.release;
    return latest !== undefined && latest.name !== before?.metadata.name && ENDED.includes(latest.phase) && status?.observedGeneration === metadata.generation && status?.canary === undefined;
  });
  const release = await stand.release(agent.status?.release?.name ?? '');
  if (release === undefined) throw new Error('the release in the status does not exist');
  output.line(`${title}: ${release.status?.phase} (${release.status?.transitions?.map(({ phase }) => phase).join(', ')}): ${release.status?.message}`);
  return release;
}

/** The load's report, once it is as wanted. */
async function loadOf({ stand, signal }: ReleaseChecksOptions, wanted: (load: LoadReport) => boolean): Promise<LoadReport> {
  const deadline = AbortSignal.timeout(STEP_LIMIT_MS);
  for (;;) {
    const load = await stand.load();
    if (load !== undefined && wanted(load)) return load;
    if (deadline.aborted) throw new Error(`the load is not as expected: ${JSON.stringify(load)}`);
    await sleep(500, undefined, { signal });
  }
}
