import { readdir } from 'node:fs/promises';
import { isErrno } from '../process/identity.ts';
import { ClusterError } from './cluster-error.ts';
import { readClusterRecord } from './cluster-record.ts';
import { statePaths } from './state-paths.ts';

/** What may lie in a folder that a run, killed before it had written its record, was about to use. */
const DRAFTS = ['cluster.json.new', 'installed.json.new'];

/** Whether a folder is one of ours (it has a record that can be read), free to take, or somebody else's. Throws ClusterError on a broken record. */
export async function whoseFolder(stateFolder: string): Promise<'absent' | 'empty' | 'ours' | 'foreign'> {
  try {
    const names = await readdir(stateFolder);
    if (names.every((name) => DRAFTS.includes(name))) return 'empty';
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return 'absent';
    if (isErrno(error, 'ENOTDIR')) return 'foreign';
    throw error;
  }
  return (await readClusterRecord(statePaths(stateFolder).record)) === undefined ? 'foreign' : 'ours';
}

/** Throws ClusterError when the folder holds something that is no cluster of ours: what is written there is deleted later. */
export async function refuseForeignFolder(stateFolder: string): Promise<void> {
  if ((await whoseFolder(stateFolder)) !== 'foreign') return;
  throw new ClusterError(`${stateFolder} holds something else than a cluster of Sluice (it has no cluster.json): give another --state or --name, or an empty folder`);
}
