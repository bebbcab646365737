/** Of the queue under workers that are killed: short leases, and attempts enough that no job runs out of them. */
export const killLimits = { leaseMs: 1_500, maxAttempts: 1_000, backoff: { firstMs: 10, longestMs: 50 }, maxQueued: 10_000, maxQueuedPerTenant: 10_000 } as const;
