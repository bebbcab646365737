import { z } from 'zod';

const name = z.string().min(1).max(256);
const roles = z.array(name);

/** Tokens (JWT) of an identity provider, in the bundle. */
const bundleIssuer = z.strictObject({
  issuer: z.string().min(1).describe('What the tokens say as "iss".'),
  audience: z.string().min(1).describe('What the tokens must say as "aud".'),
  jwksUri: z.url({ protocol: /^https?$/ }).describe('Where its signing keys are.'),
  tenant: name.optional().describe('The tenant of all its tokens.'),
  tenantClaim: name.optional().describe('The claim that names the tenant; not set: "tenant".'),
  rolesClaim: name.optional().describe('The claim that lists roles; not set: "roles".'),
});

const serviceAccount = z.strictObject({
  namespace: name.describe('Its namespace.'),
  name: name.optional().describe('Its name; not set: all of the namespace.'),
  tenant: name.optional().describe('The tenant of its requests; not set: its namespace.'),
  roles: roles.optional().describe('What it may do beyond asking, for example "approver".'),
});

const bundleServiceAccounts = z.strictObject({
  audience: z.string().min(1).describe('What the tokens must be made for.'),
  accounts: z.array(serviceAccount).min(1).describe('Which ones may ask; one that is named goes before its namespace.'),
});

/** Whose tokens an agent takes, in the bundle; keys and tenants are in the access file, which may change while the agent runs. */
export const bundleAccess = z.strictObject({
  issuers: z.array(bundleIssuer).min(1).optional().describe('Identity providers whose tokens are taken.'),
  serviceAccounts: bundleServiceAccounts.optional().describe('Tokens of ServiceAccounts of the cluster that the agent runs in; SLUICE_CLUSTER_DIR says where its own token and the authority of the API server are.'),
});

export type BundleAccess = z.infer<typeof bundleAccess>;
