import type { EvalRun } from '@sluice/crds';
import { KubeError } from '@sluice/kube';
import { readLedger } from '@sluice/operator/src/agent/ledger/releases.ts';
import { evalRuns } from '@sluice/operator/src/resources.ts';
import type { AgentView } from '../agent-view.ts';
import type { Cluster } from '../cluster.ts';
import { printableValue } from '../terminal/printable.ts';

/** Milliseconds for one read, retries included. */
const deadlineMs = 15_000;

/** The latest runs of the suites that the release on its way has not measured, by name. What may not be read is left out: it is needed for a time only. */
export async function readEvalRuns({ client, namespace }: Cluster, { releases }: AgentView, { signal }: { readonly signal: AbortSignal }): Promise<ReadonlyMap<string, EvalRun>> {
  const results = readLedger(releases).active?.status?.evaluations ?? [];
  const names = results.filter(({ verdict }) => verdict === 'NotMeasured').map(({ evalRun }) => evalRun);
  const found = await Promise.all(names.map((name) => client.find(evalRuns, { namespace, name }, { signal, deadlineMs }).catch(notReadable)));
  return new Map(found.flatMap((run) => (run === undefined ? [] : [[run.metadata.name, printableValue(run)] as const])));
}

function notReadable(error: unknown): undefined {
  if (!(error instanceof KubeError)) throw error;
  return undefined;
}
