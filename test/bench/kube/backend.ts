import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import type { Backend, Measure } from './measure.ts';
import { BenchProcess } from './process.ts';
import type { Figures } from './spec.ts';

export interface BackendOptions {
  readonly goProgram: string;
  /** The real API server's, when one runs. */
  readonly kubeconfig: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What one contender process talks to. */
export interface StartedBackend {
  readonly kubeconfig: string;
  /** To be called once the contender is synced. */
  synced(): void;
  /** Ends it, and resolves to what it counted. */
  end(): Promise<Figures>;
  /** Ends it without asking for anything. */
  abandon(): Promise<void>;
}

/** What keeps a writer from overtaking its own changes: each of these lanes changes objects of its own. */
const WRITER_LANES = 16;

/** Starts what a measure's contender talks to. Throws BenchError. */
export function startBackend(measure: Measure, options: BackendOptions): Promise<StartedBackend> {
  return measure.backend.kind === 'canned' ? startCanned(measure, measure.backend, options) : startApi(measure, measure.backend, options);
}

async function startCanned({ spec, timeoutMs }: Measure, backend: Extract<Backend, { kind: 'canned' }>, options: BackendOptions): Promise<StartedBackend> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const stop = new AbortController();
  const { objects, events, namespace } = spec;
  const { ratePerSecond, bookmarkMillis } = backend;
  const server = new BenchProcess({
    command: options.goProgram,
    args: ['serve', JSON.stringify({ folder, objects, events, namespace, ratePerSecond, bookmarkMillis })],
    name: 'the canned server', clock: options.clock, signal: AbortSignal.any([options.signal, stop.signal]), timeoutMs: timeoutMs * 2,
  });
  const clear = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const abandon = async (): Promise<void> => {
    stop.abort();
    await server.finished().catch(() => undefined);
    await clear();
  };
  try {
    return {
      kubeconfig: await server.kubeconfig(),
      synced: () => undefined,
      end: async () => {
        const { figures } = await server.stop();
        await clear();
        return figures;
      },
      abandon,
    };
  } catch (error) {
    await abandon();
    throw error;
  }
}

async function startApi({ spec, timeoutMs }: Measure, backend: Extract<Backend, { kind: 'api' }>, options: BackendOptions): Promise<StartedBackend> {
  const { kubeconfig = '' } = options;
  const stop = new AbortController();
  const { objects, events, namespace } = spec;
  let writer: BenchProcess | undefined;
  const write = (): void => {
    if (backend.writeRatePerSecond === undefined || writer !== undefined) return;
    writer = new BenchProcess({
      command: options.goProgram,
      args: ['write', JSON.stringify({ kubeconfig, objects, events, namespace, ratePerSecond: backend.writeRatePerSecond, concurrency: WRITER_LANES })],
      name: 'the writer', clock: options.clock, signal: AbortSignal.any([options.signal, stop.signal]), timeoutMs,
    });
  };
  return {
    kubeconfig,
    synced: write,
    end: async () => (writer === undefined ? {} : (await writer.finished()).figures),
    abandon: async () => {
      stop.abort();
      await writer?.finished().catch(() => undefined);
    },
  };
}
