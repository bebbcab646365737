import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from '../process/identity.ts';
import { ClusterError } from './cluster-error.ts';

/** What a state folder holds: enough to find and remove everything that was made. */
export type ClusterRecord =
  | {
      readonly kind: 'kind';
      readonly name: string;
      /** `creating` is written before `kind create`, `made` after it: what an interrupted run left is told from a whole cluster. */
      readonly phase: 'creating' | 'made';
    }
  /** Somebody else's cluster: only the folder is ours. */
  | { readonly kind: 'existing'; readonly name: string }
  | {
      readonly kind: 'local';
      readonly name: string;
      readonly slot: number;
      /** Folders of the machine that were made to mount something on. */
      readonly mountPoints: readonly string[];
    };

export async function readClusterRecord(path: string): Promise<ClusterRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isClusterRecord(value)) return value;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ClusterError(`${path} is not a cluster record: remove the file after making sure that nothing of that cluster runs`);
}

export async function writeClusterRecord(path: string, record: ClusterRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(record)}\n`);
  await rename(`${path}.new`, path);
}

function isClusterRecord(value: unknown): value is ClusterRecord {
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value)) return false;
  if (typeof value.name !== 'string') return false;
  if (value.kind === 'kind') return 'phase' in value && (value.phase === 'creating' || value.phase === 'made');
  return value.kind === 'existing' || (value.kind === 'local' && 'slot' in value && typeof value.slot === 'number' && 'mountPoints' in value && Array.isArray(value.mountPoints));
}
