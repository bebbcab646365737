import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from './cli-error.ts';
import { exitCode } from './exit-code.ts';

/** Files that a command writes. */
export interface WorkingFiles {
  /** Throws CliError (cannotWrite). */
  write(path: string, text: string): Promise<void>;
  /** With those above it, where they are missing. Throws CliError (cannotWrite). */
  makeFolder(path: string): Promise<void>;
  /** A folder that no other user may read. Throws CliError (cannotWrite). */
  makeTemporaryFolder(): Promise<string>;
  /** With all that is in it; nothing when there is none. */
  removeFolder(path: string): Promise<void>;
}

export const workingFiles: WorkingFiles = {
  write: (path, text) => writeFile(path, text).catch((error: unknown) => { throw unwritable(path, error); }),
  makeFolder: async (path) => {
    await mkdir(path, { recursive: true }).catch((error: unknown) => { throw unwritable(path, error); });
  },
  makeTemporaryFolder: () => mkdtemp(join(tmpdir(), 'sluice-eval-')).catch((error: unknown) => { throw unwritable(tmpdir(), error); }),
  removeFolder: (path) => rm(path, { recursive: true, force: true }),
};

function unwritable(path: string, error: unknown): CliError {
  return new CliError(`cannot write "${path}": ${error instanceof Error ? error.message : String(error)}; name another path, or mend its rights`, { exitCode: exitCode.cannotWrite, cause: error });
}
