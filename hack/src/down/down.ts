import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { removeCluster } from '../cluster/cluster.ts';
import { whoseFolder } from '../cluster/state-folder.ts';
import { CommandError } from '../process/command.ts';
import { type Progress, withStep } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { RELEASE, SYSTEM_NAMESPACE } from '../up/chart.ts';
import { clusterCommands, type ClusterCommands } from '../up/cluster-command.ts';
import { INSTALL_RECORD, stateFolderOf } from '../up/environment.ts';
import { type InstallRecord, readInstallRecord } from '../up/install-record.ts';
import { removeRunLog } from '../up/log.ts';
import { UpError } from '../up/up-error.ts';

export interface DownRun {
  readonly name: string;
  readonly stateRoot: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const DELETE_SECONDS = 180;
const DELETE_TIMEOUT_MS = (DELETE_SECONDS + 10) * 1000;

/**
 * Removes what ./hack/up made under this name: the cluster, or in somebody else's cluster only our release, CRDs and namespaces.
 * Throws UpError when the folder of that name is not one that ./hack/up made.
 */
export async function down(run: DownRun): Promise<'removed' | 'nothing'> {
  const stateFolder = stateFolderOf(run.stateRoot, run.name);
  const log = join(run.stateRoot, `${run.name}.log`);
  const owner = await whoseFolder(stateFolder);
  const record = owner === 'absent' || owner === 'empty' ? undefined : await readInstallRecord(join(stateFolder, INSTALL_RECORD));
  if (owner === 'foreign' && record === undefined) {
    throw new UpError(`${stateFolder} was not made by ./hack/up (neither cluster.json nor ${INSTALL_RECORD} of Sluice is in it): nothing is removed; see --state and --name`);
  }
  if (record !== undefined) await withStep(run.progress, `remove Sluice from the context ${record.context}`, async () => removeInstallation(record, stateFolder, run));
  await removeCluster({ name: run.name, stateFolder, progress: run.progress, signal: run.signal });
  await rm(stateFolder, { recursive: true, force: true });
  await removeRunLog(log);
  return owner === 'absent' ? 'nothing' : 'removed';
}

/** Agents go first, while the operator still runs and can let go of them. */
async function removeInstallation(record: InstallRecord, stateFolder: string, { progress, signal }: DownRun): Promise<void> {
  const tools = await ensureTools(['kubectl', 'helm'], { progress, signal });
  const commands = clusterCommands({ ...tools, kubeconfig: join(stateFolder, 'kubeconfig'), onErrorLine: () => undefined });
  try {
    await remove(commands, 'namespace', record.namespaces.filter((name) => name !== SYSTEM_NAMESPACE), signal);
    await commands.helm(['uninstall', RELEASE, '--namespace', SYSTEM_NAMESPACE, '--ignore-not-found'], { signal, timeoutMs: DELETE_TIMEOUT_MS });
    await remove(commands, 'customresourcedefinition', record.customResourceDefinitions, signal);
    await remove(commands, 'namespace', record.namespaces.filter((name) => name === SYSTEM_NAMESPACE), signal);
  } catch (error) {
    if (error instanceof CommandError) throw new UpError(`not everything in the context ${record.context} could be removed: ${error.message}\nRun ./hack/down again once it answers`, { cause: error });
    throw error;
  }
}

async function remove(commands: ClusterCommands, kind: string, names: readonly string[], signal: AbortSignal): Promise<void> {
  if (names.length === 0) return;
  await commands.kubectl(['delete', kind, ...names, '--ignore-not-found', `--timeout=${DELETE_SECONDS}s`], { signal, timeoutMs: DELETE_TIMEOUT_MS });
}
