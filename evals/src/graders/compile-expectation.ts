import type { Expectation } from '@sluice/crds';
import { gradeApproval } from './approval.ts';
import { gradeBlockedByRule } from './blocked-by-rule.ts';
import { gradeCost, gradeLatency } from './ceilings.ts';
import { gradeCitations } from './citations.ts';
import { gradeContains, gradeNotContains } from './contains.ts';
import { gradeExact } from './exact.ts';
import type { Finding } from './finding.ts';
import { GraderError, type Grader } from './grader.ts';
import type { Judge } from './judge/judge.ts';
import { judgeGrader } from './judge/judge-grader.ts';
import { compileJsonPaths } from './json-path.ts';
import { compileJsonSchema } from './json-schema.ts';
import { gradeNumber } from './number-within.ts';
import { gradeRefusal } from './refusal.ts';
import { compilePattern, gradeMatches, gradeNotMatches } from './regex.ts';
import type { Embedder } from './similarity/embedder.ts';
import { similarityGrader } from './similarity/similarity-grader.ts';
import { gradeTools } from './tools.ts';

/** Models that grade. A grader whose model is missing measures nothing. */
export interface GradingModels {
  readonly embedder?: Embedder | undefined;
  readonly judge?: Judge | undefined;
  /** Why there is no judge, for whoever reads of a case that needs one. */
  readonly noJudge?: string | undefined;
}

type Compile<Member extends keyof Expectation> = (wanted: NonNullable<Expectation[Member]>, models: GradingModels) => Grader['grade'];

const onAnswer =
  (grade: (answer: string) => Finding): Grader['grade'] =>
  ({ answer }) =>
    grade(answer);

/** One entry for each expectation there is, cheap ones first. */
const compilers: { readonly [Member in keyof Required<Expectation>]: Compile<Member> } = {
  equals: (wanted) => onAnswer((answer) => gradeExact(wanted, answer)),
  contains: (wanted) => onAnswer((answer) => gradeContains(wanted, answer)),
  notContains: (wanted) => onAnswer((answer) => gradeNotContains(wanted, answer)),
  tools: (wanted) => (transcript) => gradeTools(wanted, transcript),
  mustRefuse: (wanted) => (transcript) => gradeRefusal(wanted.phrases, transcript),
  mustCite: (wanted) => (transcript) => gradeCitations(wanted, transcript),
  mustRequestApproval: (wanted) => (transcript) => gradeApproval(wanted, transcript),
  blockedByRule: (wanted) => (transcript) => gradeBlockedByRule(wanted, transcript),
  maxLatency: (wanted) => (transcript) => gradeLatency(wanted, transcript),
  maxCostDollars: (wanted) => (transcript) => gradeCost(wanted, transcript),
  number: (wanted) => onAnswer((answer) => gradeNumber(wanted, answer)),
  matches: (wanted) => {
    const patterns = wanted.map((source, index) => compilePattern(`matches[${index}]`, source));
    return ({ answer }, { checkTime: time }) => gradeMatches(patterns, { answer, time });
  },
  notMatches: (wanted) => {
    const patterns = wanted.map((source, index) => compilePattern(`notMatches[${index}]`, source));
    return ({ answer }, { checkTime: time }) => gradeNotMatches(patterns, { answer, time });
  },
  jsonSchema: (wanted) => {
    const check = compileJsonSchema(wanted);
    return ({ answer }, { checkTime: time }) => check({ answer, time });
  },
  jsonPath: (wanted) => onAnswer(compileJsonPaths(wanted)),
  similarTo: (wanted, { embedder }) => similarityGrader(wanted, embedder),
  judge: (wanted, { judge, noJudge }) => judgeGrader(wanted, judge, noJudge),
};

function compileMember(expectation: Expectation, member: keyof Expectation, models: GradingModels): readonly Grader[] {
  const wanted: unknown = expectation[member];
  if (wanted === undefined) return [];
  // The table holds that each compiler fits its member.
  const compile = compilers[member] as (wanted: unknown, models: GradingModels) => Grader['grade'];
  return [{ expectation: member, grade: compile(wanted, models) }];
}

/**
 * The graders of an expectation, those first that cost nothing. Throws GraderError for one that no answer could be held against:
 * a pattern or a schema that does not compile, or nothing at all.
 */
export function compileExpectation(expectation: Expectation, models: GradingModels = {}): readonly Grader[] {
  const graders = (Object.keys(compilers) as (keyof Expectation)[]).flatMap((member) => compileMember(expectation, member, models));
  if (graders.length === 0) throw new GraderError('', 'expects nothing, so it would always pass: give it contains or another expectation');
  return graders;
}
