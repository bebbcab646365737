import { z } from 'zod';
import { hostField, urlField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const allowedNetworks = (field: string) =>
  z
    .array(
      z
        .string()
        .max(43)
        .meta(rules({ rule: 'isCIDR(self)', message: `${field}.allowedNetworks[] must be a CIDR, for example "10.20.0.0/16"` })),
    )
    .min(1)
    .max(16)
    .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
    .describe(
      'Private networks that the allowed hosts may resolve into. Names of the cluster (one label, or ending in .svc, .cluster.local, .local, .internal or .home.arpa) and addresses in allowedHosts need none; metadata and link-local addresses are refused always.',
    );

/**
 * A URL that does not parse has a sentence of its own, so the rule is silent about it.
 * The list of one element binds the host: the API server's cost estimate counts the parse once instead of once per allowed host.
 */
const hostIsAllowed = [
  '!isURL(self.url) || [url(self.url).getHostname()].exists(host,',
  'host in self.allowedHosts || self.allowedHosts.exists(h, h.startsWith("*.") && host.endsWith(h.substring(1))))',
].join(' ');

export interface DestinationOptions {
  /** The path of the object that holds `url`, for sentences. */
  readonly field: string;
  readonly maxHosts: number;
  /** What `url` is. */
  readonly url: string;
}

/** A URL with the hosts and networks that its calls may reach. */
export function destination<Extra extends z.ZodRawShape>({ field, maxHosts, url }: DestinationOptions, extra: Extra) {
  return z
    .object({
      ...extra,
      url: urlField(`${field}.url`).describe(url),
      allowedHosts: z
        .array(hostField(`${field}.allowedHosts[]`, '"api.example.com" or "*.example.com"'))
        .min(1)
        .max(maxHosts)
        .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
        .describe('Hosts that a call may reach, redirects included, for example "api.example.com" or "*.example.com".'),
      allowedNetworks: allowedNetworks(field).optional(),
    })
    .meta(
      rules({
        rule: hostIsAllowed,
        message: `${field}.allowedHosts must contain the host of ${field}.url, otherwise every call of the tool would be refused: add the host to allowedHosts`,
      }),
    );
}
