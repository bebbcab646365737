import type { Intent, Release } from '@sluice/crds';
import { type JsonPatchOperation, KubeError } from '@sluice/kube';
import { releases } from '@sluice/operator/src/resources.ts';
import { CliError } from '../cli-error.ts';
import type { Cluster } from '../cluster.ts';
import { exitCode } from '../exit-code.ts';
import { unansweredIntent } from './situation.ts';

/** Milliseconds, retries included. */
const deadlineMs = 15_000;

/**
 * Writes the intent, bound to the revision and to what was unanswered when it was read. Throws CliError when the user may not, when the
 * release changed meanwhile, and when the cluster's Sluice knows no intents; KubeError otherwise.
 */
export async function ask({ client, namespace }: Cluster, release: Release, intent: Intent, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  const key = { namespace, name: release.metadata.name };
  try {
    const stored = await client.jsonPatch(releases, key, operations(release, intent), { signal, deadlineMs });
    if (stored.spec.intent?.requestId !== intent.requestId) throw tooOld();
  } catch (error) {
    throw error instanceof KubeError ? explained(error, release) : error;
  }
}

function operations(release: Release, intent: Intent): JsonPatchOperation[] {
  const before = unansweredIntent(release);
  return [
    { op: 'test', path: '/spec/revision', value: release.spec.revision },
    ...(before === undefined ? [] : [{ op: 'test', path: '/spec/intent/requestId', value: before.requestId } as const]),
    { op: 'add', path: '/spec/intent', value: intent },
  ];
}

function tooOld(): CliError {
  return new CliError('the Sluice of this cluster is older than intents: its Release has no spec.intent; upgrade Sluice, with its CRDs', { exitCode: exitCode.unavailable });
}

function explained(error: KubeError, { metadata }: Release): Error {
  const denial = /denied request: (.*)$/s.exec(error.message)?.[1];
  if (denial !== undefined) return new CliError(`the cluster's policy refuses: ${denial}`, { exitCode: exitCode.bad, cause: error });
  if (error.code === 403) {
    const role = 'ask for the role approver of the chart (a ClusterRole whose name ends in -sluice-approver; it may patch releases.sluice.dev) in this namespace';
    return new CliError(`you may not ask this of release ${metadata.name}: ${role}: ${error.message}`, { exitCode: exitCode.notPermitted, cause: error });
  }
  if (error.code === 404) return new CliError(`release ${metadata.name} is gone; see: kubectl sluice history`, { exitCode: exitCode.bad, cause: error });
  if (error.code === 422 && /test|patch/i.test(error.message)) {
    return new CliError(`release ${metadata.name} changed while you asked; look again and ask anew`, { exitCode: exitCode.bad, cause: error });
  }
  return error;
}

