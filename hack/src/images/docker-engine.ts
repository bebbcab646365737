import { CommandError, runCommand } from '../process/command.ts';
import { ASK_TIMEOUT_MS, BUILD_TIMEOUT_MS, type BuildRequest, type ImageEngine, LOCAL_TIMEOUT_MS, otherTags, PULL_TIMEOUT_MS, repositoryOf, SAVE_TIMEOUT_MS } from './engine.ts';

const BUILDKIT = { DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' };

/** The images by a Docker engine. */
export function createDockerEngine(): ImageEngine {
  return {
    name: 'docker',
    has: async (ref, { signal }) => succeeds(['image', 'inspect', ref], signal, LOCAL_TIMEOUT_MS),
    isReachable: async (ref, { signal }) => succeeds(['manifest', 'inspect', ref], signal, ASK_TIMEOUT_MS),
    pull: async (ref, { signal }) => {
      await runCommand('docker', ['pull', ref], { signal, timeoutMs: PULL_TIMEOUT_MS });
    },
    build,
    save: async (ref, archive, { signal }) => {
      await runCommand('docker', ['save', '--output', archive, ref], { signal, timeoutMs: SAVE_TIMEOUT_MS });
    },
    removeOtherTags: async (ref, { signal }) => {
      const listing = await runCommand('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', repositoryOf(ref)], { signal, timeoutMs: LOCAL_TIMEOUT_MS });
      const names = otherTags(listing, ref);
      if (names.length > 0) await runCommand('docker', ['image', 'rm', ...names], { signal, timeoutMs: LOCAL_TIMEOUT_MS });
    },
  };
}

/** Whether a Docker engine answers on this machine. */
export async function dockerAnswers(signal: AbortSignal): Promise<boolean> {
  return succeeds(['version', '--format', '{{.Server.Version}}'], signal, ASK_TIMEOUT_MS);
}

async function build(request: BuildRequest): Promise<void> {
  const buildArguments = Object.entries(request.buildArguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const secrets = request.secrets.flatMap(({ id, file }) => ['--secret', `id=${id},src=${file}`]);
  await runCommand('docker', ['build', ...buildArguments, ...secrets, '--tag', request.ref, request.context], {
    signal: request.signal,
    timeoutMs: BUILD_TIMEOUT_MS,
    env: BUILDKIT,
    onErrorLine: request.onLine,
  });
}

async function succeeds(args: readonly string[], signal: AbortSignal, timeoutMs: number): Promise<boolean> {
  try {
    await runCommand('docker', args, { signal, timeoutMs });
    return true;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}
