import type { ClusterCommands } from './cluster-command.ts';
import { SYSTEM_NAMESPACE } from './chart.ts';
import { type InstallRecord, readInstallRecord, writeInstallRecord } from './install-record.ts';
import { UpError } from './up-error.ts';

export const DEMO_NAMESPACE = 'sluice-demo';
const OUR_NAMESPACES = [SYSTEM_NAMESPACE, DEMO_NAMESPACE];
const OUR_CRDS = ['agentdeployments', 'modelproviders', 'evalsuites', 'evalruns', 'releases'].map((plural) => `${plural}.sluice.dev`);
const QUERY_TIMEOUT_MS = 30_000;

/** What in the cluster is neither ours by an earlier run nor free to take. */
export interface ExistingNames {
  readonly namespaces: readonly string[];
  readonly customResourceDefinitions: readonly string[];
}

/** Decides what a run in somebody else's cluster may make. Throws UpError when a namespace that it would use is there already. */
export function claim(context: string, existing: ExistingNames, before: InstallRecord | undefined): InstallRecord {
  if (before !== undefined && before.context !== context) {
    throw new UpError(`this state folder belongs to the context ${before.context}: run ./hack/down first, or give another --name`);
  }
  const foreign = OUR_NAMESPACES.filter((name) => existing.namespaces.includes(name) && before?.namespaces.includes(name) !== true);
  if (foreign.length > 0) throw new UpError(`context ${context} has the namespace ${foreign.join(' and ')} already, and not from ./hack/up: remove it, or use another cluster`);
  const crds = OUR_CRDS.filter((name) => !existing.customResourceDefinitions.includes(name) || before?.customResourceDefinitions.includes(name) === true);
  return { context, namespaces: OUR_NAMESPACES, customResourceDefinitions: crds };
}

/** Records what this run makes in the cluster behind the context, before it makes it. */
export async function claimContext(context: string, recordPath: string, commands: ClusterCommands, signal: AbortSignal): Promise<void> {
  const names = async (kind: string): Promise<readonly string[]> => {
    const listing = await commands.kubectl(['get', kind, '-o', 'name'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
    return listing.split('\n').map((line) => line.slice(line.indexOf('/') + 1));
  };
  const existing = { namespaces: await names('namespaces'), customResourceDefinitions: await names('customresourcedefinitions') };
  await writeInstallRecord(recordPath, claim(context, existing, await readInstallRecord(recordPath)));
}
