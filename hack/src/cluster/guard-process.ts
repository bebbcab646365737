import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ProcessIdentity } from '../process/identity.ts';

/** The process of guard.ts, seen from its parent. */
export interface Guard {
  readonly watch: (identity: ProcessIdentity) => void;
  /** Ends everything that was watched, and the guard. */
  readonly release: () => Promise<void>;
}

/** Starts a process that ends what is watched, and removes the folder, when this process releases it or dies. */
export function startGuard(folder: string): Guard {
  const script = fileURLToPath(new URL('guard.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { detached: true, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  child.unref();
  return {
    watch: (identity) => void child.stdin.write(`${JSON.stringify(identity)}\n`),
    release: async () => {
      child.ref();
      child.stdin.end();
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
