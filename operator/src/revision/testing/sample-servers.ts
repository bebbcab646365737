import type { AgentDeploymentSpec } from '@sluice/crds';

export type SpecParts = Omit<Partial<AgentDeploymentSpec>, 'agent'>;

export const secretValue = (name: string) => ({ name, key: 'value' });

/** Everything that an agent may say of its store, its jobs and its callers. */
export const sampleServers: SpecParts = {
  state: { postgres: { urlSecretRef: secretValue('db'), port: 6432 }, redis: { urlSecretRef: secretValue('cache'), port: 6380 } },
  jobs: { concurrency: 2, callbacks: { hosts: ['b.example.com', 'a.example.com'], secretRef: secretValue('signing') } },
  access: {
    keysSecretRef: secretValue('keys'),
    issuers: [{ issuer: 'https://id.example.com', audience: 'support', jwksUri: 'https://id.example.com:8444/jwks' }],
    serviceAccounts: { accounts: [{ namespace: 'shop', name: 'web', roles: ['b', 'a'] }] },
    corsOrigins: ['https://b.example.com', 'https://a.example.com'],
  },
};
