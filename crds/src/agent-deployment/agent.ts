import { z } from 'zod';
import { durationField } from '../duration.ts';
import { keyReference, localReference, urlField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const parameters = z
  .object({
    temperature: z.number().min(0).max(2).optional().describe('Sampling temperature.'),
    topP: z.number().min(0).max(1).optional().describe('Nucleus sampling: the share of probability that is sampled from.'),
    maxOutputTokens: z.int().min(1).max(1_000_000).optional().describe('Upper bound of tokens that one model turn may produce. Default 1024.'),
  })
  .describe('Sampling parameters; what is not set is left to the provider.');

const model = z
  .object({
    providerRef: localReference('spec.agent.model.providerRef', 'ModelProvider').describe('The provider that serves the model.'),
    name: z.string().min(1).max(256).describe('The model as the provider names it; pin a dated version where there is one.'),
    parameters: parameters.optional(),
  })
  .describe('The model that answers.');

const prompt = z
  .object({
    inline: z.string().min(1).max(65_536).optional().describe('The system prompt itself.'),
    configMapKeyRef: keyReference('spec.agent.prompt.configMapKeyRef', 'ConfigMap').optional().describe('The system prompt as a key of a ConfigMap; a change of its content is a new revision.'),
  })
  .meta(
    rules({
      rule: 'has(self.inline) != has(self.configMapKeyRef)',
      message: 'spec.agent.prompt needs exactly one of inline and configMapKeyRef: write the prompt into inline, or name the ConfigMap key that holds it',
    }),
  )
  .describe('The system prompt.');

const host = z
  .string()
  .min(1)
  .max(253)
  .meta(
    rules({
      rule: "self.matches('^([*][.])?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",
      message: 'tools[].http.allowedHosts[] must be a host name in lower case without scheme, port and path, for example "api.example.com" or "*.example.com"',
    }),
  );

const allowedNetworks = z
  .array(
    z
      .string()
      .max(43)
      .meta(rules({ rule: 'isCIDR(self)', message: 'tools[].http.allowedNetworks[] must be a CIDR, for example "10.20.0.0/16"' })),
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

const http = z
  .object({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET').describe('The HTTP method.'),
    url: urlField('tools[].http.url').describe('The endpoint; {name} is replaced by the argument of that name, other arguments go to the query (GET, DELETE) or to the JSON body.'),
    allowedHosts: z
      .array(host)
      .min(1)
      .max(32)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .describe('Hosts that a call of this tool may reach, redirects included, for example "api.example.com" or "*.example.com".'),
    allowedNetworks: allowedNetworks.optional(),
  })
  .meta(
    rules({
      rule: hostIsAllowed,
      message: 'tools[].http.allowedHosts must contain the host of tools[].http.url, otherwise every call of the tool would be refused: add the host to allowedHosts',
    }),
  );

const toolParameters = z
  .looseObject({ type: z.string().max(32).optional().describe('Always "object".') })
  .meta(
    rules({
      rule: "has(self.type) && self.type == 'object'",
      message: 'tools[].parameters must be the JSON schema of an object: write type: object and list the arguments under properties',
    }),
  );

const tool = z
  .object({
    name: z
      .string()
      .min(1)
      .max(64)
      .meta(rules({ rule: "self.matches('^[a-zA-Z0-9_-]+$')", message: "tools[].name may hold letters, digits, '_' and '-' only, because model providers accept nothing else: rename the tool" }))
      .describe('Name of the tool as the model sees it.'),
    description: z.string().min(1).max(4096).describe('What the tool does; the model chooses by it.'),
    parameters: toolParameters.optional().describe('JSON schema of the arguments: an object schema.'),
    http: http.describe('The tool is one HTTP request.'),
    timeout: durationField('tools[].timeout', { min: '10ms', max: '10m' }).default('10s').describe('Longest time for one call.'),
    effect: z.enum(['Read', 'Write']).default('Read').describe('Whether a call changes something. Write tools are never repeated by the runtime.'),
  })
  .describe('One tool.');

export const agentLimits = z
  .object({
    requestTimeout: durationField('limits.requestTimeout', { min: '100ms', max: '1h' }).default('60s').describe('Longest time for one request, tools included.'),
    maxConcurrentRequests: z.int().min(1).max(10_000).default(16).describe('Requests that one pod works on at a time.'),
    maxQueuedRequests: z.int().min(0).max(10_000).default(64).describe('Requests that wait for a free place; more are answered with 503 and Retry-After.'),
    maxModelTurns: z.int().min(1).max(64).default(8).describe('Model calls that one request may make.'),
    maxInputCharacters: z.int().min(1).max(1_000_000).default(32_768).describe('Longest input text.'),
  })
  .describe('What one request and one pod may use.');

/** The bundle of an agent: everything that is pinned together into one revision. */
export const agent = z.object({
  image: z
    .string()
    .min(1)
    .max(512)
    .meta(rules({ rule: "self.matches('^[^ \\t\\r\\n]+$')", message: 'spec.agent.image must be an image reference without blanks, for example "registry.example.com/team/agent:1.4.0"' }))
    .optional()
    .describe('The runtime image; not set: the one that the operator was installed with.'),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional().describe('When the image is pulled; not set: as Kubernetes does by its tag.'),
  model,
  prompt,
  tools: z
    .array(tool)
    .max(64)
    .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
    .optional()
    .describe('What the model may call.'),
  limits: agentLimits.optional().describe('What one request and one pod may use.'),
});

export type AgentSpec = z.infer<typeof agent>;
export type AgentTool = NonNullable<AgentSpec['tools']>[number];
