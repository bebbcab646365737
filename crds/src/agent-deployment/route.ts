import { z } from 'zod';
import { hostField, nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const parentRef = z
  .object({
    name: nameField('spec.route.parentRefs[].name').describe('Name of the Gateway.'),
    namespace: nameField('spec.route.parentRefs[].namespace').optional().describe('Namespace of the Gateway; not set: that of the agent.'),
    sectionName: nameField('spec.route.parentRefs[].sectionName').optional().describe('Name of a listener; not set: all that allow the route.'),
  })
  .describe('A Gateway of the Gateway API.');

/** Where users reach the agent through a Gateway; the HTTPRoute divides their requests by weight. */
export const route = z
  .object({
    parentRefs: z.array(parentRef).min(1).max(8).describe('The Gateways.'),
    hostnames: z
      .array(hostField('spec.route.hostnames[]', '"support.example.com"'))
      .max(16)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .optional()
      .describe('Host names; not set: all that the Gateway answers for.'),
    pathPrefix: z
      .string()
      .min(1)
      .max(512)
      .meta(rules({ rule: "self.startsWith('/') && !self.contains('//') && !self.contains('?') && !self.contains('#')", message: 'spec.route.pathPrefix must begin with "/" and hold no "//", "?" or "#", for example "/support"' }))
      .default('/')
      .describe('Requests whose path begins with it go to the agent, and the prefix is taken off.'),
  })
  .describe('A route of the Gateway API. Not set: the agent is reached by its Service, and the ratio of pods is the ratio of traffic.');

export type RouteSpec = z.infer<typeof route>;
