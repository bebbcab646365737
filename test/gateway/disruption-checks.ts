import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import { KubectlError } from '../story/kubectl.ts';
import { ended, loadOf, type ReleaseChecksOptions, ROLLOUT, STEP_LIMIT_MS, untilWeight } from './release-watch.ts';

const RETRY_MS = 1_000;
/** Answered after the traffic was moved, none of them by a pod that is gone. */
const AFTER_DEATH_REQUESTS = 30;

/**
 * There is one node, so its drain is played, in the midst of a release: each pod of both revisions is evicted as `kubectl drain` does it,
 * by the Eviction API, again and again while the disruption budget says no. Resolves to the release that went on meanwhile.
 */
export async function checkDrain(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Drained.', rollout: { ...ROLLOUT, steps: [{ weight: 10, duration: '10s' }, { weight: 50, duration: '5s' }] } });
  const canary = await untilWeight(options, 10, before);
  const names = (await Promise.all([before, canary].map(({ spec }) => stand.podNames(spec.revision)))).flat();
  let refused = 0;
  for (const name of names) refused += await evict(options, name);
  const release = await ended(options, 'a canary whose node is drained', before);
  checks.equal('a release in the midst of which the node is drained goes on and is promoted', release.status?.phase ?? '', 'Promoted');
  const left = (await stand.podNames(release.spec.revision)).filter((name) => names.includes(name));
  checks.expect('every pod of both revisions leaves when the node is drained, one after the other', left.length === 0 && names.length >= 3 ? 'passed' : 'failed', `${names.length} pods, ${refused} evictions put off by the disruption budget, ${left.length} left`);
  return release;
}

/** Resolves to how often the disruption budget said no. */
async function evict(options: ReleaseChecksOptions, name: string): Promise<number> {
  const deadline = AbortSignal.timeout(STEP_LIMIT_MS);
  for (let refused = 0; ; refused += 1) {
    if (await evicted(options, name)) return refused;
    if (deadline.aborted) throw new Error(`pod ${name} could not be evicted within ${STEP_LIMIT_MS / 1000} s: the disruption budget says no`);
    await sleep(RETRY_MS, undefined, options);
  }
}

async function evicted({ stand }: ReleaseChecksOptions, name: string): Promise<boolean> {
  try {
    await stand.evict(name);
    return true;
  } catch (error) {
    if (error instanceof KubectlError && /TooManyRequests|disruption budget/.test(error.message)) return false;
    // It went by itself.
    if (error instanceof KubectlError && error.message.includes('NotFound')) return true;
    throw error;
  }
}

/**
 * All stable pods are killed, and none comes again, while the canary is healthy. What they were answering is lost, and so is what Envoy
 * sends them until it has heard; after that the canary answers everybody.
 */
export async function checkStableDeath(options: ReleaseChecksOptions, stable: Release): Promise<void> {
  const { stand, checks, output } = options;
  await stand.applyAgent({ prompt: 'Eighth.', rollout: { ...ROLLOUT, steps: [{ weight: 50, duration: '60s' }] } });
  const canary = (await untilWeight(options, 50, stable)).spec.revision;
  const before = await loadOf(options, () => true);
  await stand.forbidPods();
  await stand.kill(await stand.podNames(stable.spec.revision));
  await stand.until('all the traffic on the canary', STEP_LIMIT_MS, async () => JSON.stringify(await stand.routeWeights()) === JSON.stringify({ [canary]: 100 }));
  // Requests that were sent to the dead end by then.
  await sleep(5_000, undefined, options);
  const moved = await loadOf(options, () => true);
  const after = await loadOf(options, ({ succeeded }) => succeeded >= moved.succeeded + AFTER_DEATH_REQUESTS);
  checks.equal('when all stable pods die, the healthy canary takes all the traffic and answers all of it', String(after.failed - moved.failed), '0');
  output.line(`${moved.failed - before.failed} requests were lost at the sudden death of the stable pods`);
  await stand.allowPods();
  const release = await ended(options, 'a canary whose stable pods died', stable);
  checks.expect('that release comes to an end', release.status?.phase === 'Promoted' || release.status?.phase === 'RolledBack' ? 'passed' : 'failed', release.status?.message ?? '');
}
