import { z } from 'zod';
import { flagNames } from '../../config/live/flag-table.ts';

const name = z.string().min(1).max(256);
const roles = z.array(name).default([]);

const apiKey = z
  .strictObject({
    id: name.describe('Names the key in logs.'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 of the key as 64 hexadecimal digits'),
    tenant: name,
    subject: name.optional().describe('Who uses it; not set: its id.'),
    roles,
    expiresAt: z.iso.datetime().optional(),
  })
  .describe('A key, kept as its digest: whoever reads the file cannot use it. Two keys of one subject are how a key is rotated.');

/** Where the keys come from that tokens are signed with. */
const keySource = {
  issuer: z.string().min(1),
  audience: z.string().min(1),
  jwksUri: z.url({ protocol: /^https?$/ }),
  caFile: z.string().min(1).optional().describe('The authority of the issuer; not set: those of the system.'),
  tokenFile: z.string().min(1).optional().describe('A token that the issuer asks for, as Kubernetes does.'),
};

const issuer = z
  .strictObject({
    ...keySource,
    tenant: name.optional().describe('Of all its tokens.'),
    tenantClaim: name.default('tenant').describe('The claim that names the tenant, unless `tenant` is set.'),
    rolesClaim: name.default('roles').describe('The claim that lists roles.'),
  })
  .describe('Tokens (JWT) of an identity provider.');

const serviceAccounts = z
  .strictObject({
    ...keySource,
    reviewUri: z.url({ protocol: /^https?$/ }).optional().describe('Where the API server reviews tokens; not set: they hold until they expire.'),
    accounts: z.array(z.strictObject({ namespace: name, name: name.optional().describe('Not set: all of the namespace.'), tenant: name.optional().describe('Not set: the namespace.'), roles })).min(1),
  })
  .describe('Tokens of Kubernetes ServiceAccounts, of those that are listed.');

const tenant = z.strictObject({
  requestsPerMinute: z.int().min(1).optional(),
  flags: z.partialRecord(z.enum(flagNames as [string, ...string[]]), z.boolean()).default({}),
});

/** Who may ask an agent. It holds no secret. */
export const accessFile = z.strictObject({
  keys: z.array(apiKey).default([]),
  issuers: z.array(issuer).default([]),
  serviceAccounts: serviceAccounts.optional(),
  tenants: z.record(name, tenant).default({}),
  defaultTenant: tenant.default({ flags: {} }).describe('Of tenants that are not listed.'),
});

export type AccessFile = z.infer<typeof accessFile>;
export type ApiKey = z.infer<typeof apiKey>;
export type Issuer = z.infer<typeof issuer>;
export type ServiceAccounts = z.infer<typeof serviceAccounts>;
