import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentBundle } from '@sluice/crds';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';
import { type Program, startProgram } from './program.ts';

const runtimeMain = fileURLToPath(new URL('../../runtime/src/main.ts', import.meta.url));
const simulatorMain = fileURLToPath(new URL('../provider-simulator/main.ts', import.meta.url));

/** A bundle that asks the provider simulator at `simulator`, as clients of OpenAI do. */
export function simulatedBundle(simulator: string, changes: Partial<AgentBundle> = {}): AgentBundle {
  return {
    schemaVersion: 1,
    agent: { namespace: 'shop', name: 'support' },
    model: { provider: { kind: 'OpenAI', endpoint: `${simulator}/v1` }, name: 'model-1', parameters: { maxOutputTokens: 256 } },
    prompt: 'You help customers of the shop.',
    tools: [],
    limits: { requestTimeoutMs: 20_000, maxConcurrentRequests: 64, maxQueuedRequests: 64, maxModelTurns: 4, maxInputCharacters: 20_000 },
    ...changes,
  };
}

export interface AgentProgramOptions {
  /** Or made for the URL that the agent will have. */
  readonly bundle: AgentBundle | ((url: string) => AgentBundle);
  readonly environment?: Readonly<Record<string, string>>;
  /** Arguments of node. Default: the sources. */
  readonly program?: readonly string[] | undefined;
  /** Flags of node, before the program. */
  readonly nodeFlags?: readonly string[];
  /** Default `serve`. */
  readonly command?: 'serve' | 'worker';
  readonly signal: AbortSignal;
}

/** The agent server, from its sources or as the image starts it; whoever reaches it may ask. */
export async function startAgent({ bundle, environment = {}, program = [runtimeMain], nodeFlags = [], command = 'serve', signal }: AgentProgramOptions): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-agent-'));
  const file = join(folder, 'agent.json');
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  await writeFile(file, JSON.stringify(typeof bundle === 'function' ? bundle(url) : bundle));
  return await startProgram(
    {
      name: 'the agent server',
      file: process.execPath,
      args: [...nodeFlags, ...program, command],
      environment: { NODE_ENV: 'production', SLUICE_BUNDLE_FILE: file, SLUICE_HOST: '127.0.0.1', SLUICE_PORT: String(port), SLUICE_MIRROR_PORT: '0', SLUICE_PROVIDER_API_KEY: 'sk-test', SLUICE_REVISION: 'r1', SLUICE_LOG_LEVEL: 'error', SLUICE_DRAIN_TIMEOUT: '5s', SLUICE_ANONYMOUS_ACCESS: 'Allowed', ...environment },
      url,
      readyPath: '/readyz',
    },
    signal,
  );
}

/** The provider simulator in a process of its own, so that its work is not measured as somebody else's. `script`: as its admin route takes it. */
export async function startSimulatorProgram(script: object, signal: AbortSignal): Promise<Program> {
  const [port = 0] = await freePorts(1);
  const environment = { NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), SIMULATOR_SCRIPT: JSON.stringify(script) };
  return await startProgram({ name: 'the provider simulator', file: process.execPath, args: [simulatorMain], environment, url: `http://127.0.0.1:${port}`, readyPath: '/healthz' }, signal);
}
