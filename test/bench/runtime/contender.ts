import type { Program } from '../../runtime-proof/program.ts';

export const contenderIds = ['sluice', 'fastify', 'litellm'] as const;
export type ContenderId = (typeof contenderIds)[number];

/** What stands between a client and the provider. All of them take the same requests at the same path. */
export interface Contender {
  readonly id: ContenderId;
  readonly name: string;
  /** Requests a second beyond which it is not asked: what it is known not to hold is no measure of its latency. */
  readonly mostRate: number;
  /** Throws when it is not ready in time. */
  readonly start: (provider: string, signal: AbortSignal) => Promise<Program>;
}

export const chatPath = '/v1/chat/completions';
