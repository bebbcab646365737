import type { CallOptions } from '../call-options.ts';
import type { ObjectKey } from '../object.ts';
import type { ApplyOptions, WriteOptions } from './call-shapes.ts';
import type { Write } from './write.ts';

export interface SubresourceOptions {
  readonly pathOf: (key: ObjectKey) => string;
  readonly send: (write: Write, call: WriteOptions) => Promise<unknown>;
  readonly read: (path: string, call: CallOptions) => Promise<unknown>;
}

/**
 * One subresource of one resource type. Its bodies have a kind of their own (`scale` an autoscaling/v1 Scale, `eviction` a
 * policy/v1 Eviction), so they are given and returned as they are; name their shape by `T`. Methods throw KubeError.
 */
export class Subresource {
  readonly #options: SubresourceOptions;

  constructor(options: SubresourceOptions) {
    this.#options = options;
  }

  async get<T = unknown>(key: ObjectKey, call: CallOptions): Promise<T> {
    return (await this.#options.read(this.#options.pathOf(key), call)) as T;
  }

  /** POST, as for `eviction`, `binding` and `token`. */
  create<T = unknown>(key: ObjectKey, body: object, call: WriteOptions): Promise<T> {
    return this.#send({ method: 'POST', path: this.#options.pathOf(key), body }, call);
  }

  replace<T = unknown>(key: ObjectKey, body: object, call: WriteOptions): Promise<T> {
    return this.#send({ method: 'PUT', path: this.#options.pathOf(key), body }, call);
  }

  mergePatch<T = unknown>(key: ObjectKey, patch: object, call: WriteOptions): Promise<T> {
    return this.#send({ method: 'PATCH', path: this.#options.pathOf(key), body: patch, contentType: 'application/merge-patch+json' }, call);
  }

  apply<T = unknown>(key: ObjectKey, body: object, options: ApplyOptions, call: WriteOptions): Promise<T> {
    const query = { fieldManager: options.fieldManager, force: options.conflicts === 'force' ? 'true' : 'false' };
    return this.#send({ method: 'PATCH', path: this.#options.pathOf(key), query, body, contentType: 'application/apply-patch+yaml', repeat: 'idempotent' }, call);
  }

  async #send<T>(write: Write, call: WriteOptions): Promise<T> {
    return (await this.#options.send(write, call)) as T;
  }
}
