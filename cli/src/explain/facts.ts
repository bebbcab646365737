import type { AgentDeployment, EvalRun, Release, ReleasePhase, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { durationMilliseconds } from '@sluice/crds';
import type { Pod } from '@sluice/kube';
import { isoTime, wholeSeconds } from '@sluice/operator/src/evidence/clock-time.ts';
import { planOf } from '@sluice/operator/src/release/plan.ts';
import type { AgentView } from '../agent-view.ts';
import { timeSpan } from '../terminal/time-span.ts';

/** What the sentences about one release are made from. */
export interface Facts {
  readonly agent: AgentDeployment;
  readonly release: Release;
  readonly status: ReleaseStatus;
  readonly phase: ReleasePhase;
  /** The plan in force. */
  readonly plan: RolloutSpec | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** By name, as far as they could be read. */
  readonly evalRuns: ReadonlyMap<string, EvalRun>;
  /** Of all revisions, as far as they could be read. */
  readonly pods: readonly Pod[];
}

export function factsOf({ agent, evalRuns = new Map(), children }: Pick<AgentView, 'evalRuns' | 'children'> & { readonly agent: AgentDeployment }, release: Release, now: number): Facts {
  const { status = {} } = release;
  return { agent, release, status, phase: status.phase ?? 'Preparing', plan: planOf(release), now, evalRuns, pods: children?.pods ?? [] };
}

/** Nothing is decided for a suspended agent: no clock of it ends anything. */
export function isSuspended({ agent }: Pick<Facts, 'agent'>): boolean {
  return agent.spec.suspend === true;
}

/** Whether anything of the traffic is judged. */
export function hasObjectives(plan: Facts['plan']): boolean {
  return (plan?.gates?.objectives ?? []).length > 0;
}

/** What comes next by itself. */
export interface Next {
  /** A sentence. */
  readonly what: string;
  /** Milliseconds since the epoch; not set where no time is known. */
  readonly at?: number;
}

/** "since 2026-03-01T10:00:00Z (5m)" */
export function since(time: string | undefined, now: number): string {
  const start = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(start) ? 'since a time that is not known' : `since ${moment(start)} (${timeSpan(now - start)})`;
}

/** "2026-03-01T10:00:00Z" */
export function moment(epochMs: number): string {
  return wholeSeconds(isoTime(epochMs));
}

/** Milliseconds since the epoch at which `span` from `time` is over; undefined where the time is not known. */
export function endOf(time: string | undefined, span: string | undefined): number | undefined {
  if (time === undefined || span === undefined) return undefined;
  const end = Date.parse(time) + durationMilliseconds(span);
  return Number.isNaN(end) ? undefined : end;
}

/** "at 2026-03-01T10:00:00Z (in 5m)", "now" when it is over. */
export function atMoment(epochMs: number, now: number): string {
  return epochMs <= now ? 'now' : `at ${moment(epochMs)} (in ${timeSpan(epochMs - now)})`;
}

/** "a, b and c" */
export function listed(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
}
