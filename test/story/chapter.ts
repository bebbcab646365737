import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentDeployment, Release } from '@sluice/crds';
import type { LoadReport } from '../load/report.ts';
import { liveLine } from './output.ts';
import type { StoryOutput } from './output.ts';
import type { StoryRelease } from './result.ts';
import type { Stage } from './stage.ts';

export class StoryError extends Error {
  override readonly name = 'StoryError';
}

export interface Teller {
  readonly stage: Stage;
  readonly output: StoryOutput;
  readonly signal: AbortSignal;
}

const lookEveryMs = 1_000;
const terminal = new Set(['Promoted', 'RolledBack', 'Superseded']);

/**
 * Applies a change of the agent and waits for the verdict on it, showing the state each second.
 * Throws StoryError after `limitMs` without a verdict, with the agent's own words.
 */
export async function release(teller: Teller, title: string, yaml: string, limitMs = 300_000): Promise<{ told: StoryRelease; release: Release; agent: AgentDeployment }> {
  const { stage, signal } = teller;
  const before = (await stage.agent({ signal }))?.status?.release?.name;
  await stage.apply(yaml, { signal });
  const began = performance.now();
  const agent = await watchUntil(teller, limitMs, (seen) => {
    const latest = seen.status?.release;
    return latest !== undefined && latest.name !== before && terminal.has(latest.phase) && seen.status?.observedGeneration === seen.metadata.generation;
  });
  const seconds = (performance.now() - began) / 1000;
  const name = agent.status?.release?.name ?? '';
  const found = await stage.release(name, { signal });
  if (found === undefined) throw new StoryError(`Release ${name} is in the agent's status but does not exist`);
  const told = {
    title,
    name,
    revision: found.spec.revision,
    verdict: found.status?.phase ?? '',
    message: found.status?.message ?? '',
    secondsToVerdict: Math.round(secondsToVerdict(found) ?? seconds),
  };
  teller.output.line(`${told.verdict} after ${told.secondsToVerdict} s: ${told.message}`);
  return { told, release: found, agent };
}

/** From the start of the release to the moment its fate was known: when the rollback began, or when it was promoted. */
function secondsToVerdict({ status }: Release): number | undefined {
  const decided = status?.transitions?.find((transition) => ['RollingBack', 'RolledBack', 'Promoted', 'Superseded'].includes(transition.phase));
  if (decided === undefined || status?.startedAt === undefined) return undefined;
  return (Date.parse(decided.at) - Date.parse(status.startedAt)) / 1000;
}

/** Shows the agent each second until `done`; throws StoryError after `limitMs`. */
export async function watchUntil({ stage, output, signal }: Teller, limitMs: number, done: (agent: AgentDeployment, load: LoadReport | undefined) => boolean): Promise<AgentDeployment> {
  const began = performance.now();
  for (;;) {
    const [agent, load] = await Promise.all([stage.agent({ signal }), stage.loadReport({ signal }).catch(() => undefined)]);
    const now = agent === undefined ? undefined : await stage.now(agent, { signal }).catch(() => undefined);
    output.live(liveLine((performance.now() - began) / 1000, { agent: now?.agent ?? agent, latest: now?.latest }, load));
    if (agent !== undefined && done(agent, load)) return agent;
    if (performance.now() - began > limitMs) throw new StoryError(`no verdict within ${limitMs / 1000} s. The agent says: ${agent?.status?.message ?? 'nothing'}`);
    await sleep(lookEveryMs, undefined, { signal });
  }
}
