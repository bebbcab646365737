import type { Release } from '@sluice/crds';
import { ended, loadOf, type ReleaseChecksOptions, ROLLOUT, STEP_LIMIT_MS } from './release-watch.ts';

/** Enough to say that copies come, of half of the requests. */
const COPIES = 8;
const MIRROR_PERCENT = 50;

/** The agent's status may tell of a step 20 s late. */
const LONG_STEP = '50s';

/** Judged on few copies: the bound is low, as it is not the agent that is looked at. */
const OBJECTIVE = { name: 'copies', successRate: { minPercent: 50 } };
/** Nothing answers there but with an error, so that a call which is sent fails. */
const NOWHERE = '/tools/nowhere/{order_id}';
const calls = (outcome: string): string => `sluice_mirrored_tool_calls_total{tool="order_status",outcome="${outcome}"}`;

/** A release that is judged by copies alone, whose tool would write, and which is aborted before any user meets it. */
export async function checkMirrorJudgement(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  const rollout = { ...ROLLOUT, steps: [{ mirrorPercent: MIRROR_PERCENT, duration: '9m' }, { weight: 50, duration: '5s' }], gates: { objectives: [OBJECTIVE], interval: '3s', minDuration: '0s' } };
  await stand.applyAgent({ prompt: 'Judged by copies.', rollout, writesTo: NOWHERE });
  const agent = await stand.until('copies of requests for the canary with a tool that writes', STEP_LIMIT_MS, ({ status }) => {
    return status?.release?.name !== before.metadata.name && status?.canary?.actualWeight === 0 && status.traffic?.mirrorPercent === MIRROR_PERCENT && status.traffic.state === 'Verified';
  });
  const { name } = agent.status?.release ?? before.metadata;
  const canary = agent.status?.canary?.revision ?? '';
  const judged = async (): Promise<string> => (await stand.release(name))?.status?.objectives?.find((objective) => objective.name === OBJECTIVE.name)?.verdict ?? 'NotMeasured';
  await stand.until('the objective has a verdict', STEP_LIMIT_MS, async () => (await judged()) === 'Pass');
  await stand.until('the tool is called', STEP_LIMIT_MS, async () => (await stand.counted(canary, calls('success'))) + (await stand.counted(canary, calls('error'))) > 0);
  const answered = (await loadOf(options, () => true)).revisions[canary]?.succeeded ?? 0;
  checks.equal('an objective is judged by copies, while no user is answered', `${await judged()} ${answered}`, 'Pass 0');
  const [dry, sent] = await Promise.all([stand.counted(canary, calls('success')), stand.counted(canary, calls('error'))]);
  checks.expect('a tool that writes runs dry for copies', dry > 0 && sent === 0 ? 'passed' : 'failed', `${dry} dry, ${sent} sent`);
  const release = await stand.release(name);
  if (release === undefined) throw new Error('the release that is judged by copies does not exist');
  await stand.intend(release, 'Abort');
  return ended(options, 'a canary that is judged by copies', before);
}

/** A release whose first step shows the new revision copies of requests, and whose answers nobody gets. */
export async function checkMirrorRelease(options: ReleaseChecksOptions, before: Release): Promise<Release> {
  const { stand, checks } = options;
  await stand.applyAgent({ prompt: 'Mirrored.', rollout: { ...ROLLOUT, steps: [{ mirrorPercent: MIRROR_PERCENT, duration: LONG_STEP }, { weight: 50, duration: '5s' }] } });
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
