import { z } from 'zod';
import { durationField } from '../duration.ts';
import { defaultWhenRead, rules } from '../structural-schema.ts';
import { caseDefaults } from './case-defaults.ts';
import { toolExpectation } from './tool-expectation.ts';

const texts = z.array(z.string().min(1).max(1024)).min(1).max(16);

/** A pattern that does not compile makes the rule itself fail, and the API server names what is wrong in it before this sentence. */
const patterns = (field: string) =>
  z
    .array(
      z
        .string()
        .min(1)
        .max(1024)
        .meta(rules({ rule: "''.matches(self) in [true, false]", message: `spec.cases[].expect.${field}[] must be a regular expression in the syntax of RE2: write it without lookarounds, back references and counts above 1000` })),
    )
    .min(1)
    .max(8);

const jsonPath = z
  .object({
    path: z.string().min(1).max(512).meta(rules({ rule: "self.startsWith('$')", message: 'spec.cases[].expect.jsonPath[].path must be a JSONPath of RFC 9535, for example "$.order.status"' })).describe('JSONPath of RFC 9535. Its functions match() and search() are refused: use matches.'),
    equalsJson: z.string().min(1).max(4096).optional().describe("Every value found must equal this JSON, for example '42', '\"open\"' or 'null'. Not set: it is enough that a value is found."),
  })
  .describe('A place of the JSON that the answer is.');

const numberWithin = z
  .object({
    value: z.number().describe('The number that the answer must state.'),
    tolerance: z.number().min(0).optional().describe('Difference that is allowed, in the unit of value. The larger one of the two tolerances counts; without one, the number must be equal.'),
    tolerancePercent: z.number().min(0).max(1000).optional().describe('Difference that is allowed, in percent of value.'),
    units: z.array(z.string().min(1).max(32)).min(1).max(8).optional().describe('Only numbers right before or after one of these units count, for example "EUR". Not set: the answer must state one number only.'),
  })
  .describe('A number that the answer states.');

const mustRefuse = z
  .object({ phrases: texts.optional().describe('Texts of which a refusal holds at least one; case does not matter. Not set: a list of common English ones. A refusal that the model itself declares always counts.') })
  .describe('The agent must decline.');

const mustCite = z
  .object({
    atLeast: z.int().min(1).max(64).default(caseDefaults.mustCiteAtLeast).meta(defaultWhenRead).describe("Different sources that must be cited; 1 where it isn't set."),
    sources: texts.optional().describe('The sources that count: names of tools that the answer rests on, or texts such as a URL that the answer holds. Not set: every tool that the answer rests on.'),
  })
  .meta(rules({ rule: '!has(self.sources) || !has(self.atLeast) || self.atLeast <= size(self.sources)', message: 'spec.cases[].expect.mustCite.atLeast asks for more sources than spec.cases[].expect.mustCite.sources names; lower it or name more' }))
  .describe('The answer must say what it rests on.');

const mustRequestApproval = z
  .object({
    tool: z.string().min(1).max(64).optional().describe('The tool whose use needs the approval: it must not have been called before. Not set: any.'),
    by: z.string().min(1).max(64).optional().describe('The tool by which the agent asks a person; a call of it is a request. Not set: a write that tools[].write.approval holds back is a request.'),
  })
  .describe('The agent must ask a person before it goes on.');

const similarTo = z
  .object({
    texts: texts.describe('The answer must be near to at least one of them.'),
    atLeast: z.number().min(0).max(1).default(caseDefaults.similarToAtLeast).meta(defaultWhenRead).describe("Lowest cosine similarity of the embeddings; 0.8 where it isn't set."),
  })
  .describe('Nearness of meaning, by the embedding model that is mounted for the run. Without one the case is NotMeasured.');

const judge = z
  .object({
    rubric: z.string().min(1).max(8192).describe('What a good answer is, in words for the judge.'),
    repeats: z
      .int()
      .min(1)
      .max(9)
      .default(caseDefaults.judgeRepeats)
      .meta({ ...defaultWhenRead, ...rules({ rule: 'self % 2 == 1', message: 'spec.cases[].expect.judge.repeats must be odd, so that a majority exists; write for example 3' }) })
      .describe('Judgements of the same transcript; the majority counts. A Fail by one judgement is confirmed by two more of the same transcript, and the agent is never asked again. 1 where it isn\'t set.'),
  })
  .describe('A model judges the answer. spec.judge says which, and how well it must agree with people.');

const members = [
  'equals', 'contains', 'notContains', 'matches', 'notMatches', 'jsonSchema', 'jsonPath', 'number', 'tools', 'mustRefuse', 'mustCite', 'mustRequestApproval', 'blockedByRule', 'maxLatency',
  'maxCostDollars', 'similarTo', 'judge',
] as const;

export const expectation = z
  .object({
    equals: z.string().max(32_768).optional().describe('The answer, character by character but for blanks at its ends.'),
    contains: texts.optional().describe('Texts that the answer must hold; case does not matter.'),
    notContains: texts.optional().describe('Texts that the answer must not hold; case does not matter.'),
    matches: patterns('matches').optional().describe('Regular expressions in the syntax of RE2 that must match a part of the answer. (?i) lets case not matter.'),
    notMatches: patterns('notMatches').optional().describe('Regular expressions in the syntax of RE2 that must match no part of the answer.'),
    jsonSchema: z
      .looseObject({})
      .meta({ k8s: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } })
      .optional()
      .describe('JSON schema (draft 2020-12) of the answer, which must be JSON, alone or in one fenced block.'),
    jsonPath: z.array(jsonPath).min(1).max(16).optional().describe('Places of the JSON that the answer is.'),
    number: numberWithin.optional(),
    tools: toolExpectation.optional(),
    mustRefuse: mustRefuse.optional(),
    mustCite: mustCite.optional(),
    mustRequestApproval: mustRequestApproval.optional(),
    blockedByRule: z.string().min(1).max(63).optional().describe('The guardrail rule that must have blocked the request or the answer. Beside those of spec.agent.guardrails there is model-refusal, by which the model or the filter of its provider declines.'),
    maxLatency: durationField('spec.cases[].expect.maxLatency', { min: '1ms', max: '30m' }).optional().describe('Longest time that the answer may take.'),
    maxCostDollars: z.number().min(0).max(1000).optional().describe("Highest price of the answer, in US dollars: the tokens of all replies that led to it, by spec.prices of the ModelProvider. NotMeasured where the agent's model has no price."),
    similarTo: similarTo.optional(),
    judge: judge.optional(),
  })
  .meta(
    rules({
      rule: members.map((member) => `has(self.${member})`).join(' || '),
      message: 'spec.cases[].expect needs contains, notContains or another expectation; a case that expects nothing would always pass',
    }),
  )
  .describe('What the answer must be like. All of it must hold.');

/** The expectations that a case may have. */
export const expectationMembers: readonly (typeof members)[number][] = members;

export type Expectation = z.infer<typeof expectation>;
export type JsonPathExpectation = z.infer<typeof jsonPath>;
export type NumberExpectation = z.infer<typeof numberWithin>;
export type JudgeExpectation = z.infer<typeof judge>;
