import { join } from 'node:path';
import { runCommand } from '../../../hack/src/process/command.ts';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import type { Progress } from '../../../hack/src/progress/progress.ts';
import { cacheRoot, ensureEntry } from '../../../hack/src/tools/cache.ts';
import { ensureGo } from '../../../hack/src/tools/go-toolchain.ts';
import { BenchError } from '../kube/bench-error.ts';

export interface ModuleOptions {
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;
const BUILD_TIMEOUT_MS = 40 * 60_000;
const GO_ENVIRONMENT = { GOFLAGS: '', GOTOOLCHAIN: 'local', GOWORK: 'off', CGO_ENABLED: '0' };

/** The newest one that Go 1.26.8 builds: 1.10.2 asks for Go 1.26.10. */
export const ARGO_ROLLOUTS = { module: 'github.com/argoproj/argo-rollouts', version: '1.10.1' } as const;
/** Its stages lie beside its program, which the tool cache builds. */
export const KWOK = { module: 'sigs.k8s.io/kwok', version: '0.8.0' } as const;

/** The folder of a module's source, as the checksum database knows it. Throws CommandError or BenchError. */
export async function moduleFolder({ module, version }: { readonly module: string; readonly version: string }, options: ModuleOptions): Promise<string> {
  const go = await ensureGo({ ...options, root: cacheRoot(process.env) });
  const args = ['mod', 'download', '-json', `${module}@v${version}`];
  const value: unknown = JSON.parse(await runCommand(go, args, { signal: options.signal, timeoutMs: DOWNLOAD_TIMEOUT_MS, cwd: '/', env: GO_ENVIRONMENT }));
  if (typeof value === 'object' && value !== null && 'Dir' in value && typeof value.Dir === 'string') return value.Dir;
  throw new BenchError(`go mod download did not say where it put ${module}`);
}

/**
 * The controller of Argo Rollouts, built in its own module: its go.mod replaces modules, which `go install` of a version refuses. Throws
 * CommandError when it cannot be built.
 */
export async function ensureArgoRollouts(options: ModuleOptions): Promise<string> {
  const { version } = ARGO_ROLLOUTS;
  const source = await moduleFolder(ARGO_ROLLOUTS, options);
  const root = cacheRoot(process.env);
  const folder = await ensureEntry({
    ...options, root, tool: 'argo-rollouts', key: `${version}-${process.platform}-${process.arch}`,
    build: async (draft, step) => {
      const go = await ensureGo({ ...options, root });
      step.update('takes some minutes');
      const args = ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', `${draft}/`, './cmd/rollouts-controller'];
      await runCommand(go, args, { signal: options.signal, timeoutMs: BUILD_TIMEOUT_MS, cwd: source, env: GO_ENVIRONMENT });
    },
  });
  return join(folder, 'rollouts-controller');
}
