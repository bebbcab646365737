import type { Release } from '@sluice/crds';
import { ended, loadOf, type ReleaseChecksOptions, ROLLOUT, STEP_LIMIT_MS } from './release-watch.ts';

/** Enough to say that copies come, of half of the requests. */
const COPIES = 8;
const MIRROR_PERCENT = 50;

/** A release whose first step shows the new revision copies of requests, and whose answers nobody gets. */
export async function checkMirrorRelease(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Mirrored.', rollout: { ...ROLLOUT, steps: [{ mirrorPercent: MIRROR_PERCENT, duration: '20s' }, { weight: 50, duration: '5s' }] } });
  const agent = await stand.until('copies of requests for the canary', STEP_LIMIT_MS, ({ status }) => {
    return status?.release?.name !== before.metadata.name && status?.canary?.actualWeight === 0 && status.traffic?.mirrorPercent === MIRROR_PERCENT && status.traffic.state === 'Verified';
  });
  const canary = agent.status?.canary?.revision ?? '';
  let copies = 0;
  await stand.until('some copies', STEP_LIMIT_MS, async () => {
    copies = Math.max(copies, await stand.mirrored(canary));
    return copies >= COPIES;
  });
  const load = await loadOf(options, () => true);
  const still = (await stand.agent())?.status?.canary?.actualWeight === 0;
  const answered = load.revisions[canary]?.succeeded ?? 0;
  checks.expect('in a mirror step the canary works on copies and answers nobody', still && answered === 0 ? 'passed' : 'failed', `${copies} copies, ${answered} answers`);
  const release = await ended(options, 'a canary that gets copies first', before);
  checks.equal('a release with a mirror step is promoted', release.status?.phase ?? '', 'Promoted');
  return release;
}
