import { createHash } from 'node:crypto';
import type { SecretMarks } from '../../children/index.ts';
import { canonicalJson, referencesOf } from '../../revision/index.ts';
import type { RevisionRecord } from '../../revision/index.ts';
import type { AgentObservation } from '../observation.ts';
import type { Notice, RevisionTarget } from '../plan.ts';

export type OnSecretChange = 'Restart' | 'Release' | 'Ignore';

/** What the agent asks for when a Secret of its pods changes. */
export function onSecretChange({ agent }: Pick<AgentObservation, 'agent'>): OnSecretChange {
  return agent.spec.rollout?.onSecretChange ?? 'Restart';
}

/** Names of the Secrets that the pods of a revision use. */
export function secretsOf({ podTemplate }: Pick<RevisionRecord, 'podTemplate'>): string[] {
  return referencesOf(podTemplate).flatMap(({ kind, name }) => (kind === 'Secret' ? [name] : []));
}

/** `target` with what its Deployment shall say of the Secrets; a new restart mark restarts its pods in place. */
export function withSecretChanges(observation: Pick<AgentObservation, 'agent' | 'revisions' | 'secretVersions'>, target: RevisionTarget): RevisionTarget {
  const marks = marksOf(observation, target);
  return marks === undefined ? target : { ...target, secrets: marks };
}

function marksOf(observation: Pick<AgentObservation, 'agent' | 'revisions' | 'secretVersions'>, { record }: RevisionTarget): SecretMarks | undefined {
  const { revisions, secretVersions } = observation;
  const state = revisions.get(record.revision);
  const before = state?.secrets;
  const names = new Set(secretsOf(record));
  if (secretVersions === undefined || names.size === 0) return before;
  const now = new Map([...names].map((name) => [name, secretVersions.get(name) ?? '']));
  if (state === undefined) return { startedWith: now };
  return marksAfter({ before, now }, onSecretChange(observation));
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
  /** By name; '' for a Secret that does not exist. */
  readonly now: ReadonlyMap<string, string>;
}

/**
 * What is written down about running pods. A Secret that was never looked at before is only noted. One that is gone is waited for: pods
 * that start without it would be worse off than those that run. Unless pods restart in place, the note stays what they were started with.
 */
export function marksAfter({ before, now }: Versions, policy: OnSecretChange): SecretMarks | undefined {
  const known = before?.startedWith ?? new Map<string, string>();
  const changed = [...now].filter(([name, version]) => version !== '' && known.has(name) && known.get(name) !== version);
  const restarts = policy === 'Restart' && changed.length > 0;
  const startedWith = new Map([...now].map(([name, version]) => [name, known.has(name) && !(restarts && version !== '') ? (known.get(name) ?? '') : version]));
  if (restarts) return { startedWith, restart: restartMark(startedWith) };
  return { startedWith, ...(before?.restart === undefined ? {} : { restart: before.restart }) };
}

function restartMark(startedWith: ReadonlyMap<string, string>): string {
  return createHash('sha256').update(canonicalJson(Object.fromEntries(startedWith)), 'utf8').digest('hex').slice(0, 12);
}
