import { readClusterRecord } from './cluster-record.ts';
import { findComponent, recordedComponents } from './component.ts';
import { statePaths } from './state-paths.ts';

/** One line a program of the state folder's cluster: its name, and its pid or that it does not run. */
export async function clusterStatus(stateFolder: string): Promise<string> {
  const paths = statePaths(stateFolder);
  const record = await readClusterRecord(paths.record);
  if (record === undefined) return `no cluster in ${stateFolder}`;
  if (record.kind === 'kind') return `kind cluster ${record.name} (${record.phase}), KUBECONFIG=${paths.kubeconfig}`;
  if (record.kind === 'existing') return `context ${record.name}, not ours, KUBECONFIG=${paths.kubeconfig}`;
  const names = await recordedComponents(paths);
  const lines = await Promise.all(
    names.map(async (name) => {
      const running = await findComponent(name, paths);
      return `${name.padEnd(24)} ${running === undefined ? 'does not run' : `pid ${running.pid}`}`;
    }),
  );
  return [`local node ${record.name}, slot ${record.slot}, KUBECONFIG=${paths.kubeconfig}`, ...lines].join('\n');
}
