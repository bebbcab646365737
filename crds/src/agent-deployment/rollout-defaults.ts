/** What the API server makes of an empty rollout. Apart from the schema: whoever needs no more than this needs none. */
export const rolloutDefaults = { maxDuration: '1h', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10 } as const;
