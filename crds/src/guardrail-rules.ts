import { z } from 'zod';
import { nameField } from './references.ts';
import { rules } from './structural-schema.ts';

/** Personal data and secrets that have a shape by which they are found. */
export const personalDataKinds = ['Email', 'PhoneNumber', 'CreditCard', 'Iban', 'IpAddress', 'UsSocialSecurityNumber', 'Credential'] as const;
export type PersonalDataKind = (typeof personalDataKinds)[number];

/** Go's RE2 compiles the pattern; an error in both parts of the disjunction is an error of the rule. */
const compiles = "''.matches(self) || !''.matches(self)";

const pattern = z
  .string()
  .min(1)
  .max(500)
  .meta(rules({ rule: compiles, message: 'spec.agent.guardrails patterns[] must be regular expressions of RE2, without lookarounds and back references' }));

const patterns = (what: string) => z.object({ patterns: z.array(pattern).min(1).max(32).describe('Regular expressions of RE2; (?i) at the beginning: whatever the case.') }).describe(what);

const size = z
  .object({
    minCharacters: z.int().min(1).max(1_000_000).optional().describe('Shortest text.'),
    maxCharacters: z.int().min(1).max(1_000_000).optional().describe('Longest text.'),
  })
  .meta(rules({ rule: 'has(self.minCharacters) || has(self.maxCharacters)', message: 'spec.agent.guardrails size needs minCharacters, maxCharacters or both' }))
  .describe('How long the text may be.');

const pii = z
  .object({
    kinds: z
      .array(z.enum(personalDataKinds))
      .min(1)
      .max(personalDataKinds.length)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .describe('What is looked for. Names and postal addresses have no shape and are not found.'),
  })
  .describe('Personal data and secrets, found by their shape and check digits.');

const promptInjection = z
  .object({ sensitivity: z.enum(['Low', 'Medium', 'High']).default('Medium').describe('Low: only what is hardly anything else. High: also what is often innocent.') })
  .describe('Text that gives the model orders: heuristics, so a layer of defence and not a proof.');

const jsonSchema = z.looseObject({ type: z.string().max(32).optional().describe('As in JSON schema.') }).describe('JSON schema (draft 2020-12) that the whole text must fit.');

const citation = z.object({ atLeast: z.int().min(1).max(16).default(1).describe('Calls of tools that went well.') }).describe('The answer must rest on results of tools.');

const topicName = z.object({ name: nameField('spec.agent.guardrails topic names').describe('As the classifier answers it.'), description: z.string().min(1).max(500).describe('What belongs to it; the classifier goes by it.') }).describe('One topic.');
const topics = z
  .array(topicName)
  .min(1)
  .max(16)
  .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } });

const topic = z
  .object({
    allowed: topics.optional().describe('Only these; anything else is blocked.'),
    denied: topics.optional().describe('Not these.'),
    model: z.string().min(1).max(256).optional().describe("The model that classifies, at the agent's provider; not set: the agent's own."),
  })
  .meta(rules({ rule: 'has(self.allowed) || has(self.denied)', message: 'spec.agent.guardrails topic needs allowed, denied or both: list the topics' }))
  .describe('What the text may be about, by a classifier. When it gives no answer, the request fails.');

const name = nameField('spec.agent.guardrails rule names').describe('Names the rule in metrics, logs and answers.');
const action = z
  .enum(['Block', 'Redact', 'Observe'])
  .default('Block')
  .describe('Block: the request ends without the answer. Redact: what was found is struck out (deny and pii only). Observe: it is counted and nothing else, to try a rule.');

const textChecks = {
  size: size.optional(),
  allow: patterns('The text must match one of the patterns.').optional(),
  deny: patterns('The text must match none of the patterns.').optional(),
  pii: pii.optional(),
  promptInjection: promptInjection.optional(),
};

function exactlyOne(kinds: readonly string[]) {
  return {
    rule: `[${kinds.map((kind) => `has(self.${kind})`).join(', ')}].exists_one(set, set)`,
    message: `spec.agent.guardrails rules each need exactly one of ${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1) ?? ''}; write a second rule for another`,
  };
}

const redactable = { rule: "self.action != 'Redact' || has(self.deny) || has(self.pii)", message: 'spec.agent.guardrails action Redact needs something to strike out: use it with deny or pii, and Block with the others' };

const inputKinds = ['size', 'allow', 'deny', 'pii', 'promptInjection', 'jsonSchema', 'topic'];
const inputRule = z
  .object({ name, action, ...textChecks, jsonSchema: jsonSchema.optional(), topic: topic.optional() })
  .meta(rules(exactlyOne(inputKinds), redactable))
  .describe('One rule for what users say.');

const outputRule = z
  .object({ name, action, ...textChecks, jsonSchema: jsonSchema.optional(), topic: topic.optional(), citation: citation.optional() })
  .meta(rules(exactlyOne([...inputKinds, 'citation']), redactable))
  .describe('One rule for what the agent says. allow, jsonSchema, topic, citation, promptInjection and a shortest size judge the whole answer, so with one of them an answer is not streamed.');

const toolRule = z
  .object({
    name,
    action,
    tools: z.array(z.string().min(1).max(64)).min(1).max(64).meta({ k8s: { 'x-kubernetes-list-type': 'set' } }).optional().describe('The tools that it is for; not set: all.'),
    target: z.enum(['Arguments', 'Results']).default('Arguments').describe('What is judged: the arguments before the call, or what the tool returns before the model sees it.'),
    argument: z.string().min(1).max(128).optional().describe('The one argument that is judged; not set: the JSON text of all.'),
    ...textChecks,
    maxCalls: z.int().min(0).max(1_000).optional().describe('Calls that one request may make of these tools together; 0: none.'),
  })
  .meta(
    rules(
      exactlyOne(['size', 'allow', 'deny', 'pii', 'promptInjection', 'maxCalls']),
      redactable,
      { rule: "self.action != 'Redact' || self.target == 'Results'", message: 'spec.agent.guardrails action Redact would change the call that the model chose: use Block for arguments, or target: Results' },
      { rule: "!has(self.argument) || self.target == 'Arguments'", message: 'spec.agent.guardrails argument names an argument of the call: remove it, or use target: Arguments' },
      { rule: "!has(self.maxCalls) || self.target == 'Arguments'", message: 'spec.agent.guardrails maxCalls counts calls before they are made: remove target' },
    ),
  )
  .describe('One rule for calls of tools. A call that it blocks is refused, and the model is told so by the name of the rule.');

const list = { k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } };
const tier = (what: string) => z.int().min(0).max(2).describe(what);

export const guardrails = z
  .object({
    tier: tier('How much is at stake: 0 reads and informs, 1 proposes, 2 acts. Answers of tier 2 are never streamed: they leave whole, after every rule.').optional(),
    workflows: z
      .array(z.object({ name: z.string().min(1).max(256).describe('As callers name it in `workflow`.'), tier: tier('Its tier, when that is higher than that of the agent.') }).describe('One workflow.'))
      .max(32)
      .meta(list)
      .optional()
      .describe('Workflows of a higher tier than the agent itself.'),
    input: z.array(inputRule).max(16).meta(list).optional().describe('Rules for what users say, in this order.'),
    output: z.array(outputRule).max(16).meta(list).optional().describe('Rules for what the agent says, in this order.'),
    tools: z.array(toolRule).max(16).meta(list).optional().describe('Rules for calls of tools, in this order.'),
  })
  .describe('What may go in and out. A change is a new revision, judged like any other.');

export type Guardrails = z.infer<typeof guardrails>;
export type InputRule = z.infer<typeof inputRule>;
export type OutputRule = z.infer<typeof outputRule>;
export type ToolRule = z.infer<typeof toolRule>;
