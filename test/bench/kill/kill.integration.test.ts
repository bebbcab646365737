import { expect, it } from 'vitest';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { silentProgress } from '../../../hack/src/progress/progress.ts';
import { makeControllerAccount } from '../operator/controller-user.ts';
import { startSimulatedCluster } from '../operator/simulated-cluster.ts';
import { runStory } from './run.ts';
import { NEVER_READY, stories } from './story.ts';
import { sluiceSubject as subject } from './subjects/sluice.ts';

/** A control plane of its own, and kwok where it has to be built first. */
const TIMEOUT_MS = 15 * 60_000;
/** Of the first release: the Service, or the ServiceAccount. */
const kill = { write: 3, variant: 'lost' } as const;

it('kills a controller at a write that never arrives, starts it again and sees the story to its end', async () => {
  const options = { progress: silentProgress, clock: systemClock, signal: new AbortController().signal };
  const cluster = await startSimulatedCluster({ ...options, neverReady: NEVER_READY });
  try {
    const token = await makeControllerAccount(cluster.admin, options);
    await subject.contender.install(cluster, options);
    const program = await subject.contender.build(cluster.folder, options);
    const told = await Promise.all(['first-release', 'never-ready'].map((id) => {
      const story = stories.find((each) => each.id === id)!;
      return runStory({ ...options, cluster, token, subject, program, story, namespace: `kill-test-${id}` }, kill);
    }));
    for (const { killedAt, writes, serves, along, ...rest } of told) {
      expect(killedAt).toBe(writes[2]);
      expect(writes, 'nothing of that process came after').toHaveLength(3);
      expect(rest).not.toHaveProperty('stuck');
      expect(serves).toEqual({ 'v1/one': 4 });
      expect(along).toMatchObject({ fewest: 4, mostFailed: 0, unwished: [] });
    }
  } finally {
    await cluster.stop();
  }
}, TIMEOUT_MS);
