import { z } from 'zod';
import { keyReference, nameField, urlField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const word = (field: string) => z.string().min(1).max(256).describe(field);
const roles = z.array(z.string().min(1).max(256)).max(32).meta({ k8s: { 'x-kubernetes-list-type': 'set' } });

const issuer = z
  .object({
    issuer: z.string().min(1).max(512).describe('What the tokens say as "iss".'),
    audience: word('What the tokens must say as "aud".'),
    jwksUri: urlField('spec.access.issuers[].jwksUri').describe('Where its signing keys are.'),
    tenant: word('The tenant of all its tokens.').optional(),
    tenantClaim: word('The claim that names the tenant; not set: "tenant".').optional(),
    rolesClaim: word('The claim that lists roles; not set: "roles".').optional(),
  })
  .meta(rules({ rule: '!(has(self.tenant) && has(self.tenantClaim))', message: 'spec.access.issuers[] has tenant and tenantClaim: keep tenant when all tokens of the issuer are of one tenant, tenantClaim otherwise' }))
  .describe('An identity provider whose tokens (JWT) are taken.');

const account = z
  .object({
    namespace: nameField('spec.access.serviceAccounts.accounts[].namespace').describe('Its namespace.'),
    name: z
      .string()
      .min(1)
      .max(253)
      .meta(rules({ rule: "self.matches('^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')", message: 'spec.access.serviceAccounts.accounts[].name must be the name of a ServiceAccount' }))
      .optional()
      .describe('Its name; not set: all of the namespace.'),
    tenant: word('The tenant of its requests; not set: its namespace.').optional(),
    roles: roles.optional().describe('What it may do beyond asking, for example "approver".'),
  })
  .describe('A ServiceAccount that may ask.');

const serviceAccounts = z
  .object({
    audience: word('What the tokens must be made for; not set: "<agent>.<namespace>.svc".').optional(),
    accounts: z.array(account).min(1).max(64).describe('Which ones may ask; one that is named goes before its namespace.'),
  })
  .describe('Tokens of ServiceAccounts of this cluster, checked by the keys that the API server publishes to all pods.');

const origin = z
  .string()
  .max(512)
  .meta(rules({ rule: "self.matches('^https?://[^/?#@ ]+$')", message: 'spec.access.corsOrigins[] must be an origin, a scheme and a host without a path, for example "https://app.example.com"' }));

/** Who may ask an agent. */
export const access = z
  .object({
    keysSecretRef: keyReference('spec.access.keysSecretRef', 'Secret')
      .optional()
      .describe('The access file: API keys as SHA-256, tenants with their quotas and switches (JSON; docs/api.md). A change is taken up without a restart.'),
    issuers: z
      .array(issuer)
      .min(1)
      .max(16)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['issuer'] } })
      .optional()
      .describe('Identity providers whose tokens are taken.'),
    serviceAccounts: serviceAccounts.optional(),
    anonymous: z
      .enum(['Allowed'])
      .optional()
      .describe('Allowed: whoever reaches the agent may ask, as one anonymous caller without roles; for agents that a gateway or a NetworkPolicy guards. It stands in the place of keysSecretRef, issuers and serviceAccounts.'),
    corsOrigins: z.array(origin).min(1).max(32).meta({ k8s: { 'x-kubernetes-list-type': 'set' } }).optional().describe('Web pages that may ask from a browser; not set: none.'),
  })
  .meta(
    rules(
      {
        rule: 'has(self.keysSecretRef) || has(self.issuers) || has(self.serviceAccounts) || has(self.anonymous)',
        message: 'spec.access needs keysSecretRef, issuers or serviceAccounts, otherwise nobody could ask: say who may, or write anonymous: Allowed to leave that to a gateway',
      },
      {
        rule: '!has(self.anonymous) || !(has(self.keysSecretRef) || has(self.issuers) || has(self.serviceAccounts))',
        message: 'spec.access.anonymous excludes keysSecretRef, issuers and serviceAccounts, because callers who need no credentials would be asked for them: remove anonymous, or the others',
      },
    ),
  )
  .describe('Who may ask; nobody else is answered. Not set: nobody at all.');

export type AgentAccess = z.infer<typeof access>;
