import { z } from 'zod';

const name = z.string().min(1).max(256);
const roles = z.array(name);

/** Tokens (JWT) of an identity provider, in the bundle. */
const bundleIssuer = z.strictObject({
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksUri: z.url({ protocol: /^https?$/ }),
  tenant: name.optional(),
  tenantClaim: name.optional(),
  rolesClaim: name.optional(),
});

const bundleServiceAccounts = z.strictObject({
  audience: z.string().min(1),
  accounts: z.array(z.strictObject({ namespace: name, name: name.optional(), tenant: name.optional(), roles: roles.optional() })).min(1),
});

/** Whose tokens an agent takes, in the bundle; keys and tenants are in the access file, which may change while the agent runs. */
export const bundleAccess = z.strictObject({
  issuers: z.array(bundleIssuer).min(1).optional(),
  serviceAccounts: bundleServiceAccounts.optional(),
});

export type BundleAccess = z.infer<typeof bundleAccess>;
