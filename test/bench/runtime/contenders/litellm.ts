import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../../hack/src/cluster/free-ports.ts';
import { systemClock } from '../../../../hack/src/progress/clock.ts';
import { createTerminalProgress } from '../../../../hack/src/progress/terminal-progress.ts';
import { ensureSystemPrograms, ensureTools } from '../../../../hack/src/tools/tools.ts';
import { startProgram } from '../../../runtime-proof/program.ts';
import type { Contender } from '../contender.ts';

/** Its imports take seconds on a quiet machine, and minutes on one that is not, or whose disk has forgotten them. */
const readyLimitMs = 600_000;

const entry = 'from litellm import run_server; run_server()';

function configOf(provider: string): string {
  return JSON.stringify({
    model_list: [{ model_name: 'model-1', litellm_params: { model: 'openai/model-1', api_base: `${provider}/v1`, api_key: 'sk-test' } }],
    litellm_settings: { num_retries: 0, telemetry: false },
  });
}

interface Programs {
  readonly packages: string;
  readonly python3: string;
}

/** Looks at every file of the cache, which are half a gigabyte. */
async function findPrograms(signal: AbortSignal): Promise<Programs> {
  const options = { progress: createTerminalProgress({ stream: process.stderr, clock: systemClock }), signal };
  const packages = (await ensureTools(['litellm-packages'], options))['litellm-packages'];
  const { python3 } = await ensureSystemPrograms(['python3'], options);
  return { packages, python3 };
}

/** Its proxy with one worker, no database and no keys of its own: like the others, it lets everybody ask. `bytecode`: where what Python compiles is kept from start to start. */
export function litellm(bytecode: string, say: (line: string) => void): Contender {
  let programs: Promise<Programs> | undefined;
  return {
    id: 'litellm',
    name: 'LiteLLM proxy',
    mostRate: 50,
    start: async (provider, signal) => {
      programs ??= findPrograms(signal);
      const { packages, python3 } = await programs;
      const folder = await mkdtemp(join(tmpdir(), 'sluice-litellm-'));
      const config = join(folder, 'config.yaml');
      await writeFile(config, configOf(provider));
      const [port = 0] = await freePorts(1);
      return await startProgram(
        {
          name: 'the LiteLLM proxy',
          file: python3,
          args: ['-c', entry, '--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
          // The table of prices is the one in the package: nothing is fetched.
          environment: { HOME: folder, PYTHONPATH: packages, PYTHONPYCACHEPREFIX: bytecode, LITELLM_LOCAL_MODEL_COST_MAP: 'True', LITELLM_LOG: 'ERROR', LITELLM_MODE: 'PRODUCTION', LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY: 'true', DISABLE_ADMIN_UI: 'True', DO_NOT_TRACK: '1' },
          url: `http://127.0.0.1:${port}`,
          readyPath: '/health/liveliness',
          folder,
          readyLimitMs,
          onWaiting: (seconds) => say(`the LiteLLM proxy has been starting for ${seconds} s`),
        },
        signal,
      );
    },
  };
}
