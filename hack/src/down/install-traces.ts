import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrno } from '../process/identity.ts';

/** What install/prepare.sh may leave in the clone's state folder: the log of an npm ci that failed. */
const TRACES = ['npm-ci.log'];

/** Removes them from the clone's own state folder, and the folder when nothing else is in it. */
export async function removeInstallTraces(stateRoot: string): Promise<void> {
  for (const name of TRACES) await rm(join(stateRoot, name), { force: true });
  try {
    await rmdir(stateRoot);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') && !isErrno(error, 'ENOTEMPTY')) throw error;
  }
}
