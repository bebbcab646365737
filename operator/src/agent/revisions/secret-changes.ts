import { createHash } from 'node:crypto';
import type { SecretMarks } from '../../children/index.ts';
import { canonicalJson, referencesOf } from '../../revision/index.ts';
import type { RevisionRecord, SecretVersion } from '../../revision/index.ts';
import type { AgentObservation } from '../observation.ts';
import type { Notice, RevisionTarget } from '../plan.ts';
import { changeSince, isUnsettled, noteOf } from './secret-notes.ts';

export type OnSecretChange = 'Restart' | 'Release' | 'Ignore';

/** What the agent asks for when a Secret of its pods changes. */
export function onSecretChange({ agent }: Pick<AgentObservation, 'agent'>): OnSecretChange {
  return agent.spec.rollout?.onSecretChange ?? 'Restart';
}

/** Names of the Secrets that the pods of a revision read at their start. */
export function secretsOf({ podTemplate }: Pick<RevisionRecord, 'podTemplate'>): string[] {
  return referencesOf(podTemplate).flatMap(({ kind, name, reading }) => (kind === 'Secret' && reading === undefined ? [name] : []));
}

/** `target` with what its Deployment shall say of the Secrets; a new restart mark restarts its pods in place. */
export function withSecretChanges(observation: Pick<AgentObservation, 'agent' | 'now' | 'revisions' | 'secretVersions'>, target: RevisionTarget): RevisionTarget {
  const marks = marksOf(observation, target);
  return marks === undefined ? target : { ...target, secrets: marks };
}

function marksOf(observation: Pick<AgentObservation, 'agent' | 'now' | 'revisions' | 'secretVersions'>, { record }: RevisionTarget): SecretMarks | undefined {
  const { revisions, secretVersions, now: time } = observation;
  const state = revisions.get(record.revision);
  const before = state?.secrets;
  const names = new Set(secretsOf(record));
  if (secretVersions === undefined || names.size === 0) return before;
  const now = new Map([...names].map((name) => [name, secretVersions.get(name)]));
  return marksAfter({ before: state === undefined ? undefined : before, now, time }, onSecretChange(observation));
}

/** Milliseconds until a Secret of the agent is settled; undefined where all are. */
export function secretsSettleIn({ now, secretVersions = new Map() }: Pick<AgentObservation, 'now' | 'secretVersions'>): number | undefined {
  const waits = [...secretVersions.values()].flatMap((secret) => (isUnsettled(secret, now) ? [(secret.unsettledUntil ?? now) - now] : []));
  return waits.length === 0 ? undefined : Math.min(...waits);
}

/** Told when the pods of a revision are restarted; names only. */
export function restartNotices({ revisions }: Pick<AgentObservation, 'revisions'>, targets: readonly RevisionTarget[]): Notice[] {
  return targets.flatMap(({ record: { revision }, secrets }) => {
    const before = revisions.get(revision)?.secrets;
    if (before === undefined || secrets?.restart === undefined || secrets.restart === before.restart) return [];
    const changed = [...secrets.startedWith].filter(([name, version]) => before.startedWith.get(name) !== version).map(([name]) => `"${name}"`).join(', ');
    return [{ type: 'Normal' as const, reason: 'SecretChanged', message: `The pods of revision ${revision} restart in place, new ones first, because Secret ${changed} changed (rollout.onSecretChange: Restart)` }];
  });
}

interface Versions {
  readonly before: SecretMarks | undefined;
  /** By name; undefined for a Secret that does not exist. */
  readonly now: ReadonlyMap<string, SecretVersion | undefined>;
  /** Epoch milliseconds. */
  readonly time: number;
}

/**
 * What is written down about running pods. A Secret that was never looked at before is only noted. One that is gone is waited for: pods
 * that start without it would be worse off than those that run; and so is one that may still be written again unnoticed. Unless pods restart
 * in place, the note stays what they were started with. Content that has the version they were started with is no release, so they restart.
 */
export function marksAfter({ before, now, time }: Versions, policy: OnSecretChange): SecretMarks | undefined {
  const known = before?.startedWith ?? new Map<string, string>();
  const states = [...now].map(([name, secret]) => stateOf({ name, note: known.get(name), secret }, time));
  const restarts = states.some(({ change }) => (change === 'Changed' && policy === 'Restart') || (change === 'Rewritten' && policy !== 'Ignore'));
  const startedWith = new Map(states.map(({ name, note, fresh, change }) => [name, (restarts || change === 'Settled' ? fresh : note) ?? note ?? fresh ?? '']));
  if (restarts) return { startedWith, restart: restartMark(startedWith) };
  return { startedWith, ...(before?.restart === undefined ? {} : { restart: before.restart }) };
}

interface Noted {
  readonly name: string;
  /** What was written down before; undefined: nothing. */
  readonly note: string | undefined;
  readonly secret: SecretVersion | undefined;
}

interface NoteState extends Omit<Noted, 'secret'> {
  /** What is to be written down of pods that start now. */
  readonly fresh?: string;
  /** `Settled`: nothing has, and the note need not tell any more what it is not. */
  readonly change: 'None' | 'Changed' | 'Rewritten' | 'Settled';
}

function stateOf({ name, note, secret }: Noted, time: number): NoteState {
  if (secret === undefined) return { name, note, change: 'None' };
  const unsettled = isUnsettled(secret, time);
  const fresh = noteOf(secret, unsettled ? 'Unsettled' : 'Settled');
  if (note === undefined || unsettled) return { name, note, fresh, change: 'None' };
  const change = changeSince(note, secret);
  return { name, note, fresh, change: change === 'None' ? 'Settled' : change };
}

function restartMark(startedWith: ReadonlyMap<string, string>): string {
  return createHash('sha256').update(canonicalJson(Object.fromEntries(startedWith)), 'utf8').digest('hex').slice(0, 12);
}
