import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isErrno } from '../process/identity.ts';
import { UpError } from './up-error.ts';

/** What ./hack/up put into a cluster that is not its own: ./hack/down removes this and nothing else. */
export interface InstallRecord {
  /** Name of the kubectl context. */
  readonly context: string;
  readonly namespaces: readonly string[];
  readonly customResourceDefinitions: readonly string[];
}

export async function readInstallRecord(path: string): Promise<InstallRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isInstallRecord(value)) return value;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UpError(`${path} is not readable as a record of what was installed: restore it, or remove the release, the namespaces and the CRDs by hand`);
}

/** Written before anything is made, so that an interrupted run can be undone. */
export async function writeInstallRecord(path: string, record: InstallRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${path}.new`, path);
}

function isInstallRecord(value: unknown): value is InstallRecord {
  if (typeof value !== 'object' || value === null) return false;
  return 'context' in value && typeof value.context === 'string' && 'namespaces' in value && isNames(value.namespaces) && 'customResourceDefinitions' in value && isNames(value.customResourceDefinitions);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
