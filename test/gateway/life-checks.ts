import type { Release } from '@sluice/crds';
import { checkWeights, ended, loadOf, type ReleaseChecksOptions, ROLLOUT, STEP_LIMIT_MS, untilWeight } from './release-watch.ts';

/** Answered while nobody looks after the agent. */
const SUSPENDED_REQUESTS = 50;
const SHARD = 'blue';
/** Time to change the agent in the midst of the first step, on a busy machine too. */
const PLAN = { ...ROLLOUT, steps: [{ weight: 10, duration: '20s' }, { weight: 50, duration: '5s' }] };
const AUTOSCALING = { minReplicas: 2, maxReplicas: 3 };

/** What happens to an agent beside its releases, in the midst of one, under load: suspension, an autoscaler that comes and goes, another operator. */
export async function checkLife(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const resumed = await suspended(options, before);
  const scaled = await autoscaled(options, resumed);
  return moved(options, scaled);
}

async function suspended(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  const change = { prompt: 'Suspended.', rollout: PLAN };
  await stand.applyAgent(change);
  await untilWeight(options, 10, before);
  await stand.applyAgent({ ...change, suspend: true });
  await stand.until('the agent is suspended', STEP_LIMIT_MS, ({ metadata, status }) => status?.phase === 'Suspended' && status.observedGeneration === metadata.generation);
  const weights = await stand.routeWeights();
  const begin = await loadOf(options, () => true);
  const end = await loadOf(options, ({ succeeded }) => succeeded >= begin.succeeded + SUSPENDED_REQUESTS);
  checks.equal('a suspended agent goes on with the traffic as it is', `${end.failed - begin.failed} failed, ${JSON.stringify(await stand.routeWeights())}`, `0 failed, ${JSON.stringify(weights)}`);
  await stand.applyAgent(change);
  return promoted(options, { title: 'a canary that is suspended for a while', before });
}

async function autoscaled(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Suspended.', rollout: ROLLOUT, autoscaling: AUTOSCALING });
  await stand.until('the serving revision has an autoscaler', STEP_LIMIT_MS, async () => (await stand.autoscaled()).includes(before.spec.revision));
  const change = { prompt: 'Autoscaled.', rollout: ROLLOUT };
  await stand.applyAgent({ ...change, autoscaling: AUTOSCALING });
  await untilWeight(options, 50, before);
  const release = await promoted(options, { title: 'a canary with an autoscaler', before });
  await stand.until('the old revision has no autoscaler any more', STEP_LIMIT_MS, async () => !(await stand.autoscaled()).includes(before.spec.revision));
  checks.equal('the autoscaler of the revision that serves is the only one', (await stand.autoscaled()).join(' '), release.spec.revision);
  await stand.applyAgent(change);
  await stand.until('there is no autoscaler any more', STEP_LIMIT_MS, async () => (await stand.autoscaled()).length === 0);
  return release;
}

/** To another operator in the midst of a release, and back in the midst of the next. */
async function moved(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks, shards } = options;
  await shards.install(SHARD);
  const away = { prompt: 'Moved away.', rollout: PLAN };
  await stand.applyAgent(away);
  await untilWeight(options, 10, before);
  await stand.applyAgent({ ...away, shard: SHARD });
  const taken = await stand.until('the other operator has taken the agent over', STEP_LIMIT_MS, ({ status }) => status?.shard === SHARD && status.takeOver === undefined);
  checks.equal('another operator takes the agent over in mid-release', taken.status?.shard ?? '', SHARD);
  const there = await promoted(options, { title: 'a canary that is moved to another operator', before });
  const back = { prompt: 'Moved back.', rollout: PLAN };
  await stand.applyAgent({ ...back, shard: SHARD });
  await untilWeight(options, 10, there);
  await stand.applyAgent(back);
  await stand.until('the first operator has it again', STEP_LIMIT_MS, ({ status }) => (status?.shard ?? '') === '' && status?.takeOver === undefined);
  const release = await promoted(options, { title: 'a canary that is moved back', before: there });
  await shards.remove(SHARD);
  return release;
}

async function promoted(options: ReleaseChecksOptions, { title, before }: { readonly title: string; readonly before: Release }): Promise<Release> {
  const release = await ended(options, title, before);
  options.checks.equal(`${title} is promoted`, release.status?.phase ?? '', 'Promoted');
  await checkWeights(options, `after ${title}`, { [release.spec.revision]: 100 });
  return release;
}
