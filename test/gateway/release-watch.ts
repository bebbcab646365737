import { setTimeout as sleep } from 'node:timers/promises';
import type { Release } from '@sluice/crds';
import type { LoadReport } from '../load/report.ts';
import type { StoryOutput } from '../story/output.ts';
import type { Checks } from '../story/result.ts';
import type { AgentStand } from './agent-stand.ts';

/** Operators that look after the agents of one shard alone, beside the one that runs. */
export interface Shards {
  install(shard: string): Promise<void>;
  remove(shard: string): Promise<void>;
}

export interface ReleaseChecksOptions {
  readonly stand: AgentStand;
  readonly checks: Checks;
  readonly output: StoryOutput;
  readonly shards: Shards;
  readonly signal: AbortSignal;
}

/** The machine may be busy: no check is about speed. */
export const STEP_LIMIT_MS = 240_000;
const ENDED = ['Promoted', 'RolledBack', 'Superseded', 'Aborted'];
const STEPS = [
  { weight: 10, duration: '5s' },
  { weight: 50, duration: '12s' },
];
/** No gates: what is looked at here is the traffic, and the story has the verdicts. */
export const ROLLOUT = { steps: STEPS, stickiness: { cookie: 'sluice-session' }, progressDeadline: '4m', maxDuration: '10m' };

/** The next release after `before`, when it has ended. */
export async function ended({ stand, output }: Pick<ReleaseChecksOptions, 'stand' | 'output'>, title: string, before: Release | undefined): Promise<Release> {
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
export async function loadOf({ stand, signal }: ReleaseChecksOptions, wanted: (load: LoadReport) => boolean): Promise<LoadReport> {
  const deadline = AbortSignal.timeout(STEP_LIMIT_MS);
  for (;;) {
    const load = await stand.load();
    if (load !== undefined && wanted(load)) return load;
    if (deadline.aborted) throw new Error(`the load is not as expected: ${JSON.stringify(load)}`);
    await sleep(500, undefined, { signal });
  }
}

/** The release after `before`, when its weight is real: its own status says so at once, the agent's a few seconds later. */
export async function untilWeight({ stand }: ReleaseChecksOptions, weight: number, before: Release): Promise<Release> {
  let release: Release | undefined;
  await stand.until(`${weight} % on the canary, taken by the Gateway`, STEP_LIMIT_MS, async ({ status }) => {
    const name = status?.release?.name;
    release = name === undefined || name === before.metadata.name ? undefined : await stand.release(name);
    return release?.status?.phase === 'Shifting' && release.status.weight === weight && release.status.stepStartedAt !== undefined;
  });
  if (release === undefined) throw new Error('the release in the status does not exist');
  return release;
}

/** Where there is no route, pods divide the traffic. */
export async function checkWeights({ stand, checks }: Pick<ReleaseChecksOptions, 'stand' | 'checks'>, when: string, expected: Readonly<Record<string, number>>): Promise<void> {
  const weights = await stand.routeWeights();
  if (weights === undefined) return;
  const same = Object.keys(weights).length === Object.keys(expected).length && Object.entries(expected).every(([revision, share]) => weights[revision] === share);
  checks.expect(`${when} the HTTPRoute gives each revision what it shall have`, same ? 'passed' : 'failed', `${JSON.stringify(weights)}, wanted ${JSON.stringify(expected)}`);
}
