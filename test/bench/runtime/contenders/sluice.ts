import { simulatedBundle, startAgent } from '../../../runtime-proof/agent-program.ts';
import type { Contender } from '../contender.ts';

/** As the image runs it (`program`: its arguments of node), with its defaults: every request is admitted, counted, given ids and told to the metrics. */
export const sluice = (program: readonly string[]): Contender => ({
  id: 'sluice',
  name: 'Sluice',
  mostRate: Number.POSITIVE_INFINITY,
  start: async (provider, signal) => {
    const limits = { requestTimeoutMs: 900_000, maxConcurrentRequests: 10_000, maxQueuedRequests: 1_000, maxModelTurns: 4, maxInputCharacters: 20_000 };
    return await startAgent({ bundle: simulatedBundle(provider, { limits }), program, signal });
  },
});
