import { z } from 'zod';
import { budgets } from '../budgets.ts';
import { durationField } from '../duration.ts';
import { guardrails } from '../guardrail-rules.ts';
import { precision } from '../precision.ts';
import { keyReference } from '../references.ts';
import { rules } from '../structural-schema.ts';
import { credential, credentialRules } from './credential.ts';
import { interfaces } from './interfaces.ts';
import { knowledge } from './knowledge.ts';
import { model } from './model.ts';
import { openapiDocument, tool } from './tool.ts';

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

export const agentLimits = z
  .object({
    requestTimeout: durationField('limits.requestTimeout', { min: '100ms', max: '1h' }).default('60s').describe('Longest time for one request, tools included.'),
    maxConcurrentRequests: z.int().min(1).max(10_000).default(16).describe('Requests that one pod works on at a time.'),
    maxQueuedRequests: z.int().min(0).max(10_000).default(64).describe('Requests that wait for a free place; more are answered with 503 and Retry-After. Tenants take turns, and where several wait, one that has more than its part is answered with 429.'),
    maxModelTurns: z.int().min(1).max(64).default(8).describe('Model calls that one request may make.'),
    maxInputCharacters: z.int().min(1).max(1_000_000).default(32_768).describe('Longest input text.'),
  })
  .describe('What one request and one pod may use.');

/** The bundle of an agent: everything that is pinned together into one revision. */
export const agent = z
  .object({
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
    credentials: z
      .array(credential)
      .min(1)
      .max(8)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .optional()
      .describe('What servers of tools know the agent by.'),
    openapi: z
      .array(openapiDocument)
      .min(1)
      .max(8)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .optional()
      .describe('OpenAPI documents whose operations tools may be.'),
    knowledge: z
      .array(knowledge)
      .min(1)
      .max(8)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .optional()
      .describe('Collections of documents that tools may search.'),
    guardrails: guardrails.optional(),
    budgets: budgets.optional(),
    precision: precision.optional(),
    interfaces: interfaces.optional(),
    limits: agentLimits.optional().describe('What one request and one pod may use.'),
  })
  .meta(
    rules(
      {
        rule: '!has(self.tools) || self.tools.all(t, !has(t.openapi) || (has(self.openapi) && self.openapi.exists(d, d.name == t.openapi.document)))',
        message: 'tools[].openapi.document must name one of spec.agent.openapi: correct the name, or add the document',
      },
      {
        rule: '!has(self.tools) || self.tools.all(t, !has(t.knowledge) || (has(self.knowledge) && self.knowledge.exists(d, d.name == t.knowledge.source)))',
        message: 'tools[].knowledge.source must name one of spec.agent.knowledge: correct the name, or add the collection',
      },
      ...credentialRules,
    ),
  );

export type AgentSpec = z.infer<typeof agent>;
export type AgentTool = NonNullable<AgentSpec['tools']>[number];
