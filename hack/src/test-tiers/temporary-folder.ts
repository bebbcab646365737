import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** As for the machine's own folder: what a test starts may run as another user. */
const FOR_EVERYBODY = 0o1777;

/**
 * Global set-up of every vitest project: all that the tests, and the programs that they start, put into the folder for temporary files is in one that goes when the
 * run has ended. A test whose program is killed cannot clear up after it.
 */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), FOLDER_START));
  await chmod(folder, FOR_EVERYBODY);
  process.env['TMPDIR'] = folder;
  return async () => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

/** What the name of such a folder begins with. */
export const FOLDER_START = 'sluice-tests-';
