import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import { checkDrain } from './disruption-checks.ts';
import { aborted, restarted, rolledBack, superseded } from './release-checks.ts';
import { ended, loadOf, type ReleaseChecksOptions, ROLLOUT, STEP_LIMIT_MS } from './release-watch.ts';

const LEGACY = 'legacy';
const SEED = 'seed';
/** Pods go on answering for a moment after their end has begun. */
const DRAIN_MS = 10_000;

/**
 * An agent without a Gateway: pods divide the traffic of its Service. It begins as a Deployment and a Service that were made by hand; then
 * all the ways in which a release can end, with requests and streams all the while.
 */
export async function checkWithoutGateway(options: ReleaseChecksOptions): Promise<void> {
  const { stand } = options;
  await stand.applyAgent({ name: SEED, prompt: 'Made by hand.', rollout: {}, replicas: 2 });
  await stand.becomeLegacy({ seed: SEED, deployment: LEGACY });
  await stand.startLoad();
  await loadOf(options, (load) => load.succeeded > 30);
  options.output.line('load runs through a Service that was made by hand');
  const adoptedOne = await adopted(options);
  const rolledBackOne = await rolledBack(options, adoptedOne);
  const abortedOne = await aborted(options, rolledBackOne, adoptedOne);
  const restartedOne = await restarted(options, abortedOne);
  const superseding = await superseded(options, restartedOne);
  await checkDrain(options, superseding);
  await checkLoad(options);
}

async function adopted(options: ReleaseChecksOptions): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'First.', rollout: ROLLOUT, adopts: LEGACY });
  const release = await ended(options, 'the first revision beside what was made by hand', undefined);
  const agent = await stand.until('what was made by hand is adopted', STEP_LIMIT_MS, ({ status }) => status?.conditions?.find(({ type }) => type === 'Adopted')?.status === 'True');
  checks.equal('a Deployment that was made by hand is scaled to 0 when the agent serves', `${agent.status?.phase} ${await stand.replicasOf(LEGACY)}`, 'Healthy 0');
  const begin = await loadOf(options, () => true);
  const end = await loadOf(options, ({ succeeded }) => succeeded >= begin.succeeded + 20);
  const served = (end.revisions[release.spec.revision]?.succeeded ?? 0) - (begin.revisions[release.spec.revision]?.succeeded ?? 0);
  checks.equal('after the adoption the agent answers everybody', String(served), String(end.succeeded - begin.succeeded));
  return release;
}

async function checkLoad(options: ReleaseChecksOptions): Promise<void> {
  await sleep(DRAIN_MS, undefined, options);
  const { sent, succeeded, failed, failures, dropped, failureExamples } = await loadOf(options, () => true);
  options.checks.expect('no request and no stream through the Service failed in all of this', failed === 0 && dropped === 0 ? 'passed' : 'failed', JSON.stringify({ sent, succeeded, failures, dropped, examples: failureExamples }));
  options.checks.expect('the load through the Service ran all the while', sent > 300 ? 'passed' : 'failed', `${sent} requests`);
}
