import { expect } from 'vitest';
import { startRuntime, type RuntimeProcess } from './runtime-process.ts';

/** Processes take a while to start on a machine that does other things too. */
export const startWait = { timeout: 120_000 };

export interface StartedRuntime extends RuntimeProcess {
  readonly url: string;
}

/** Starts a server on loopback and waits until it is ready. Whoever reaches it may ask, unless the environment names an access file. */
export async function startedRuntime(command: 'serve' | 'worker', environment: Readonly<Record<string, string>>): Promise<StartedRuntime> {
  const runtime = startRuntime([command], { SLUICE_HOST: '127.0.0.1', SLUICE_PORT: '0', SLUICE_MIRROR_PORT: '0', SLUICE_PROVIDER_API_KEY: 'sk-test', SLUICE_DRAIN_TIMEOUT: '3s', ...(environment['SLUICE_ACCESS_FILE'] === undefined ? { SLUICE_ANONYMOUS_ACCESS: 'Allowed' } : {}), ...environment });
  await expect.poll(() => runtime.stdout() + runtime.stderr(), startWait).toContain('"msg":"ready"');
  return { ...runtime, url: /"address":"(http:[^"]+)"/.exec(runtime.stdout())?.[1] ?? '' };
}
