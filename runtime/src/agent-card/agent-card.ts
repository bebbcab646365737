import { A2A_PROTOCOL_VERSION, type AgentCard, type AgentSkill, type SecurityScheme } from '@a2a-js/sdk';
import type { AgentBundle, BundleInterfaces } from '@sluice/crds';
import { policyVersion } from '../agent/create-agent.ts';
import { a2aPath, revisionExtension } from './well-known.ts';

export interface CardOptions {
  readonly bundle: AgentBundle;
  readonly interfaces: BundleInterfaces;
  readonly revision: string;
  /** Whether callers need credentials. */
  readonly access: 'open' | 'closed';
}

const inputModes = ['text/plain'];
const outputModes = ['text/plain', 'application/json'];

const bearer: SecurityScheme = { scheme: { $case: 'httpAuthSecurityScheme', value: { description: 'An API key, or a token, that the agent knows.', scheme: 'Bearer', bearerFormat: '' } } };

/** An agent that names no skills has one: what it is for. */
function skillsOf({ bundle: { agent }, interfaces: { a2a, description } }: CardOptions): AgentSkill[] {
  const skills = a2a?.skills ?? [{ id: agent.name, name: agent.name, description, tags: [agent.name] }];
  return skills.map(({ examples = [], ...skill }) => ({ ...skill, examples, inputModes: [], outputModes: [], securityRequirements: [] }));
}

/** What the agent says of itself to agents: who it is, which revision of it answers, where and how to ask. */
export function agentCard(options: CardOptions): AgentCard {
  const { bundle, interfaces, revision, access } = options;
  const params = { namespace: bundle.agent.namespace, agent: bundle.agent.name, revision, policyVersion: policyVersion(bundle, revision) };
  return {
    name: bundle.agent.name,
    description: interfaces.description,
    version: revision,
    supportedInterfaces: [{ url: `${interfaces.url}${a2aPath}`, protocolBinding: 'JSONRPC', tenant: '', protocolVersion: A2A_PROTOCOL_VERSION }],
    provider: undefined,
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extendedAgentCard: false,
      extensions: [{ uri: revisionExtension, description: 'The revision of the agent that answers, and the version of its policy.', required: false, params }],
    },
    securitySchemes: access === 'closed' ? { bearer } : {},
    securityRequirements: access === 'closed' ? [{ schemes: { bearer: { list: [] } } }] : [],
    defaultInputModes: inputModes,
    defaultOutputModes: outputModes,
    skills: skillsOf(options),
    signatures: [],
  };
}
