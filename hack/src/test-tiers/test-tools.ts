import { createTerminalProgress } from '../progress/terminal-progress.ts';
import type { ToolsOptions } from '../tools/options.ts';
import { ensureTools, type ToolProgram } from '../tools/tools.ts';
import type { TierContext } from './tier.ts';

/** What Go compiles: a build uses every core by itself. */
const COMPILED: readonly ToolProgram[] = ['kubectl', 'helm', 'gateway-crds-helm', 'kwok', 'prometheus'];
/** What is fetched as it is published. */
const FETCHED: readonly ToolProgram[] = ['postgres-package', 'valkey-server', 'mlflow-packages', 'schemathesis-packages', 'a2a-python-packages', 'wordllama-packages'];

export type EnsureTool = (program: ToolProgram, options: ToolsOptions) => Promise<unknown>;

/**
 * Brings the tools of the integration tests into the cache, so that no test waits for a compiler and no two lanes build at once. One that
 * cannot be had has been told by its step; the tests that need it try again and say so.
 */
export async function prepareTestTools({ terminal, clock, signal }: TierContext, ensure: EnsureTool = async (program, options) => ensureTools([program], options)): Promise<void> {
  const options = { progress: createTerminalProgress({ stream: terminal, clock }), signal, clock };
  const inTurn = async (programs: readonly ToolProgram[]): Promise<void> => {
    for (const program of programs) {
      if (!signal.aborted) await ensure(program, options).catch(() => undefined);
    }
  };
  await Promise.all([inTurn(COMPILED), inTurn(FETCHED)]);
  signal.throwIfAborted();
}
