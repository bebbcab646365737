import { z } from 'zod';
import { keyReference, nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';
import { destination } from './egress.ts';

const header = z
  .object({
    name: z
      .string()
      .min(1)
      .max(64)
      .meta(
        rules({
          rule: "self.matches('^[A-Za-z0-9-]+$') && !(self.lowerAscii() in ['host', 'connection', 'content-length', 'content-type', 'transfer-encoding', 'idempotency-key', 'x-request-id'])",
          message: 'spec.agent.credentials[].header.name must be the name of a header that the runtime does not set itself, for example "X-API-Key"',
        }),
      )
      .describe('The header that holds the secret as it is.'),
  })
  .describe('The secret goes into a header of its own.');

const oauth = destination(
  { field: 'spec.agent.credentials[].oauth', maxHosts: 8, url: 'The token endpoint.' },
  {
    clientId: z.string().min(1).max(256).describe('The client; the secret is its password.'),
    scope: z.string().min(1).max(1_024).optional().describe('What is asked for, parted by blanks.'),
  },
).describe('The secret is exchanged for access tokens (OAuth 2.0 client credentials), and those are sent as bearer tokens.');

/** What servers of tools know the agent by. The secret is mounted as a file and read again while the agent runs. */
export const credential = z
  .object({
    name: nameField('spec.agent.credentials[].name', 40).describe('Tools name it by this.'),
    secretRef: keyReference('spec.agent.credentials[].secretRef', 'Secret').describe('The secret. A change of it is taken up within a minute or two, without a restart.'),
    header: header.optional(),
    oauth: oauth.optional(),
  })
  .meta(rules({ rule: '!(has(self.header) && has(self.oauth))', message: 'spec.agent.credentials[] takes header or oauth, not both: remove one; with neither the secret is sent as bearer token' }))
  .describe('A credential; without header and oauth it is sent as bearer token.');

/** Names one of them where it is used. */
export function credentialName(field: string) {
  return { credential: nameField(`${field}.credential`, 40).optional().describe('One of spec.agent.credentials: sent to the origin of the URL, and never further by redirects. Not set: none.') };
}

const isKnown = (where: string): string => `(!has(${where}.credential) || (has(self.credentials) && self.credentials.exists(c, c.name == ${where}.credential)))`;

/** For the agent: every name leads somewhere. */
export const credentialRules = [
  {
    rule: `!has(self.tools) || self.tools.all(t, (!has(t.http) || ${isKnown('t.http')}) && (!has(t.mcp) || ${isKnown('t.mcp')}))`,
    message: 'tools[].http.credential and tools[].mcp.credential must name one of spec.agent.credentials: correct the name, or add the credential',
  },
  { rule: `!has(self.openapi) || self.openapi.all(d, ${isKnown('d')})`, message: 'spec.agent.openapi[].credential must name one of spec.agent.credentials: correct the name, or add the credential' },
];
