import type { RevisionRecord } from '../../revision/index.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';
import type { AgentObservation } from '../observation.ts';
import type { Warning } from './warnings.ts';

/** How the container is told who may ask, by the operator or by hand (runtime/src/commands/open-access.ts). */
const variables: ReadonlySet<string> = new Set(['SLUICE_ACCESS_FILE', 'SLUICE_ANONYMOUS_ACCESS']);

/**
 * What serves was told of nobody who may ask it, so whoever does gets 401. An older image answers everybody, and nothing that the operator looks at while no release is on its way tells
 * the two apart: a digest has no order. To say who may ask is right for both. It is Ready all the same: it is as its spec says, and a worker whose
 * jobs somebody else queues may be meant so. Whoever applies by Git has not seen the warning at admission.
 */
export function answersNobody({ records }: Pick<AgentObservation, 'records'>, { stableRevision }: Pick<ReleaseLedger, 'stableRevision'>): Warning[] {
  const record = records.get(stableRevision ?? '');
  if (record === undefined || isToldWhoMayAsk(record)) return [];
  return [{
    type: 'AnswersNobody',
    status: 'True',
    reason: 'AccessNotSet',
    message: `Nothing says who may ask revision ${record.revision}, so it answers nobody (401, access-not-set), or, with an image from before SLUICE_ANONYMOUS_ACCESS, everybody, because spec.access is not set: name callers by its keysSecretRef, issuers or serviceAccounts, or, where a gateway or a NetworkPolicy guards it, set spec.access.anonymous to Allowed`,
  }];
}

/** What `envFrom` brings is not known here, and may say it. */
function isToldWhoMayAsk({ bundle, podTemplate }: Pick<RevisionRecord, 'bundle' | 'podTemplate'>): boolean {
  const containers = podTemplate.spec?.containers ?? [];
  return bundle.access !== undefined || containers.some(({ env = [], envFrom = [] }) => envFrom.length > 0 || env.some(({ name }) => variables.has(name)));
}
