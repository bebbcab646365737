import { z } from 'zod';
import { revisionExtension } from './well-known.ts';

/** What is read of a card; a server of another make may say more, or less. */
const card = z.object({
  name: z.string().min(1).max(256),
  description: z.string().max(4_096),
  version: z.string().max(256),
  supportedInterfaces: z.array(z.object({ url: z.string().max(2_048), protocolBinding: z.string().max(64), protocolVersion: z.string().max(32) })).min(1).max(32),
  capabilities: z
    .object({ streaming: z.boolean().optional(), extensions: z.array(z.object({ uri: z.string(), params: z.record(z.string(), z.unknown()).optional() })).optional() })
    .optional(),
  skills: z.array(z.object({ id: z.string().max(256), name: z.string().max(256), description: z.string().max(4_096), tags: z.array(z.string().max(256)).max(64).optional() })).max(64),
});

export interface CardSummary {
  readonly description: string;
  readonly version: string;
  /** Set where the agent is one of Sluice. */
  readonly policyVersion: string | undefined;
  readonly interfaces: readonly { readonly url: string; readonly binding: string; readonly version: string }[];
  readonly skills: readonly { readonly id: string; readonly name: string; readonly description: string; readonly tags: readonly string[] }[];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a card says of the agent `name`, or why it is not believed: whatever answers at an address must say that it is that agent. */
export function readCard(text: string, name: string): CardSummary | string {
  const result = card.safeParse(jsonOf(text));
  if (!result.success) return `the card is none of A2A 1.0: ${result.error.issues[0]?.path.join('.') || 'it is not JSON'}`;
  const { data } = result;
  if (data.name !== name) return 'the card is that of another agent';
  const policy = data.capabilities?.extensions?.find(({ uri }) => uri === revisionExtension)?.params?.['policyVersion'];
  return {
    description: data.description,
    version: data.version,
    policyVersion: typeof policy === 'string' ? policy : undefined,
    interfaces: data.supportedInterfaces.map(({ url, protocolBinding, protocolVersion }) => ({ url, binding: protocolBinding, version: protocolVersion })),
    skills: data.skills.map(({ id, name: skill, description, tags = [] }) => ({ id, name: skill, description, tags })),
  };
}
