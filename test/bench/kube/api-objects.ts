import { type Progress, withStep } from '../../../hack/src/progress/progress.ts';
import type { BackendOptions } from './backend.ts';
import { LIST_NAMESPACE, LIVE_NAMESPACE } from './measures.ts';
import { BenchProcess } from './process.ts';
import type { Scale } from './scale.ts';

const CREATE_TIMEOUT_MS = 10 * 60_000;
const CREATE_LANES = 16;
/** Of a ConfigMap's value. */
const VALUE_BYTES = 1200;

/** Makes the ConfigMaps that the measures on the real API server read; those that are there stay. Throws BenchError. */
export async function createApiObjects(scale: Scale, options: BackendOptions & { readonly progress: Progress }): Promise<void> {
  for (const [namespace, objects] of [[LIST_NAMESPACE, scale.listObjects], [LIVE_NAMESPACE, scale.liveObjects]] as const) {
    await withStep(options.progress, `create ${objects} ConfigMaps in ${namespace}`, async () => {
      const spec = { kubeconfig: options.kubeconfig, namespace, objects, events: 0, valueBytes: VALUE_BYTES, concurrency: CREATE_LANES };
      const writer = new BenchProcess({
        command: options.goProgram, args: ['write', JSON.stringify(spec)], name: 'the writer', clock: options.clock, signal: options.signal, timeoutMs: CREATE_TIMEOUT_MS,
      });
      await writer.finished();
    });
  }
}
