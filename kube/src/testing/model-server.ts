import type { KubeClient } from '../client/kube-client.ts';
import { KubeError } from '../kube-error.ts';
import type { KubeObject } from '../object.ts';

export interface ModelChange {
  readonly name: string;
  readonly op: 'put' | 'delete';
}

/** How the lines of one round reach the client. Those that `end` close the connection. */
export type Distortion = 'none' | 'duplicate' | 'swap' | 'reverse' | 'replay' | 'malformed' | 'split' | 'truncate' | 'junk' | 'reset' | 'error 410' | 'error 429' | 'error 500' | 'end';

export interface Round {
  readonly changes: readonly ModelChange[];
  readonly distortion: Distortion;
}

export type ListFault = 'none' | 'error' | 'refused' | 'cut';

/** An API server of one type in memory that knows all of its past, and distorts what it says as a schedule tells it. */
export class ModelServer {
  readonly objects = new Map<string, KubeObject>();
  readonly #log: { readonly version: number; readonly line: string }[] = [];
  readonly #rounds: Round[];
  readonly #listFaults: ListFault[];
  readonly #onIdle: () => void;
  #version = 10;
  #forgottenUpTo = 0;

  constructor(schedule: { rounds: readonly Round[]; listFaults: readonly ListFault[]; onIdle: () => void }) {
    this.#rounds = [...schedule.rounds];
    this.#listFaults = [...schedule.listFaults];
    this.#onIdle = schedule.onIdle;
  }

  /** The part of a client that a reflector uses. */
  readonly client = {
    list: async () => this.#list(),
    watch: async (_type: unknown, options: { resourceVersion: string; initialEvents?: string }, call: { signal: AbortSignal }) =>
      (options.initialEvents ? this.#stream(call.signal) : this.#watch(Number(options.resourceVersion), call.signal)),
  } as unknown as KubeClient;

  #list(): { items: KubeObject[]; resourceVersion: string; continue: undefined } {
    if (this.#listFaults.shift() === 'error') throw new KubeError({ code: 500, reason: 'InternalError', message: 'no list' });
    this.#change(this.#rounds.shift()?.changes ?? []);
    return { items: [...this.objects.values()].map((object) => structuredClone(object)), resourceVersion: String(this.#version), continue: undefined };
  }

  async *#stream(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const fault = this.#listFaults.shift() ?? 'none';
    if (fault === 'refused') throw new KubeError({ code: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' });
    if (fault === 'error') throw new KubeError({ code: 500, reason: 'InternalError', message: 'no stream' });
    const lines = [...this.objects.values()].map((object) => JSON.stringify({ type: 'ADDED', object }));
    const version = this.#version;
    yield bytes(lines);
    if (fault === 'cut') return;
    yield bytes([JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } } } })]);
    yield* this.#watch(version, signal);
  }

  async *#watch(from: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    if (from < this.#forgottenUpTo) {
      yield bytes([error(410)]);
      return;
    }
    yield bytes(this.#log.filter(({ version }) => version > from).map(({ line }) => line));
    for (let round = this.#rounds.shift(); round; round = this.#rounds.shift()) {
      const before = this.#version;
      this.#change(round.changes);
      const fresh = this.#log.filter(({ version }) => version > before).map(({ line }) => line);
      yield* this.#distorted(fresh, round.distortion);
      if (ENDS.has(round.distortion)) return;
    }
    this.#onIdle();
    await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
  }

  *#distorted(fresh: readonly string[], distortion: Distortion): Generator<Uint8Array, void, undefined> {
    switch (distortion) {
      case 'duplicate': return yield bytes(fresh.flatMap((line) => [line, line]));
      case 'swap': return yield bytes([...fresh.slice(1, 2), ...fresh.slice(0, 1), ...fresh.slice(2)]);
      case 'reverse': return yield bytes(fresh.toReversed());
      case 'replay': return yield bytes([...fresh, ...this.#log.slice(-6).map(({ line }) => line)]);
      case 'malformed': return yield bytes(['{"type":"MODIFIED","object":{"metadata":{}}}', ...fresh, 'null', '{"type":"?"}']);
      case 'split': return yield* pieces(bytes(fresh));
      case 'truncate': return yield bytes(fresh).subarray(0, -7);
      case 'junk': return yield bytes([...fresh.slice(0, 1), '{"type":"ADDED","obj']);
      case 'reset':
        yield bytes(fresh.slice(0, 1));
        throw new KubeError({ code: 0, reason: 'Network', message: 'reset' });
      case 'error 410':
        this.#forgottenUpTo = this.#version;
        return yield bytes([error(410)]);
      case 'error 429': return yield bytes([...fresh.slice(0, 1), error(429)]);
      case 'error 500': return yield bytes([error(500)]);
      default: return yield bytes(fresh);
    }
  }

  #change(changes: readonly ModelChange[]): void {
    for (const { name, op } of changes) {
      const known = this.objects.get(name);
      if (op === 'delete' && !known) continue;
      const version = ++this.#version;
      const uid = known?.metadata.uid ?? `uid-${version}`;
      const object: KubeObject = { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'default', uid, resourceVersion: String(version) } };
      if (op === 'delete') this.objects.delete(name);
      else this.objects.set(name, object);
      this.#log.push({ version, line: JSON.stringify({ type: op === 'delete' ? 'DELETED' : known ? 'MODIFIED' : 'ADDED', object }) });
    }
  }
}

const ENDS: ReadonlySet<Distortion> = new Set(['truncate', 'junk', 'reset', 'error 410', 'error 429', 'error 500', 'end']);

function bytes(lines: readonly string[]): Uint8Array {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

function* pieces(whole: Uint8Array): Generator<Uint8Array, void, undefined> {
  for (let at = 0; at < whole.length; at += 37) yield whole.subarray(at, at + 37);
}

function error(code: number): string {
  return JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, reason: code === 410 ? 'Expired' : 'Fault', message: 'fault' } });
}
