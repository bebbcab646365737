import { z } from 'zod';
import { rollout } from '../agent-deployment/rollout.ts';
import { timestamp } from '../conditions.ts';
import { rules } from '../structural-schema.ts';
import { evidence } from './evidence.ts';
import { carriedGate } from './gate.ts';
import { intent } from './intent.ts';

/** Names are written by the operator; the bound keeps the cost of the immutability rule known to the API server. */
const name = z.string().min(1).max(253);

const earlierAttempt = z
  .object({
    release: name.describe('Name of the Release.'),
    reason: z.string().max(64).describe('Why it failed, as a CamelCase word.'),
    message: z.string().max(2048).describe('Why it failed, in one sentence.'),
    finishedAt: timestamp.describe('When it failed.'),
    evidence: evidence.optional(),
  })
  .describe('An attempt with the same revision that failed.');

/** All but the intent is written once. */
const immutable = ['agentName', 'revision', 'agentDigest', 'stableRevision', 'rollout', 'cause', 'retryOf', 'earlier', 'carried'] as const;
const unchanged = immutable.map((field) => `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`).join(' && ');

export const releaseSpec = z
  .object({
    agentName: name.describe('The AgentDeployment that the release belongs to.'),
    revision: name.describe('The revision that is to reach users.'),
    agentDigest: z.string().min(1).max(64).optional().describe('Digest of spec.agent with the text of its prompt: what the user asks for, whatever else a revision is made of. Not set where the release was begun without it.'),
    stableRevision: name.optional().describe('The revision that serves when the release begins; not set for the first one.'),
    rollout: rollout.optional().describe('The plan as it was when the release began; status.rollout has the one in force where it was edited since.'),
    cause: z.enum(['SpecChanged', 'Retry', 'Undo']).optional().describe('Why it began: another spec (when it is not set, too), or a person who asked.'),
    retryOf: name.optional().describe('The failed Release that this one tries again.'),
    earlier: z.array(earlierAttempt).max(4).optional().describe('Failed attempts with this revision, oldest first: a new attempt does not forget what was measured.'),
    carried: carriedGate.optional(),
    intent: intent.optional(),
  })
  .meta(rules({ rule: unchanged, message: 'spec of a Release cannot be changed but for spec.intent: change the AgentDeployment, which begins a new release' }))
  .describe('What is released, and how. Written once by the operator; people write intent.');

export type ReleaseSpec = z.infer<typeof releaseSpec>;
export type EarlierAttempt = z.infer<typeof earlierAttempt>;
