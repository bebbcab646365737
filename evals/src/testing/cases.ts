import type { EvalCase } from '@sluice/crds';
import type { AgentAnswer, AgentQuestion, AgentUnderTest, OnCost } from '../runner/agent-under-test.ts';
import type { RunSettings } from '../runner/run-suite.ts';
import type { CaseFile } from '../suite/case-source.ts';

export const settings: RunSettings = { concurrency: 2, caseTimeout: '5s' };

export function caseOf(name: string, changes: Partial<EvalCase> = {}): EvalCase {
  return { name, input: { text: `question of ${name}` }, expect: { contains: ['yes'] }, hard: false, ...changes };
}

export function casesOf(count: number, changes: Partial<EvalCase> = {}): EvalCase[] {
  return Array.from({ length: count }, (_value, index) => caseOf(`case-${index}`, changes));
}

export function answerOf(answer: string, changes: Partial<AgentAnswer> = {}): AgentAnswer {
  return { answer, ending: 'answered', toolCalls: [], ...changes };
}

export interface AskedAgent extends AgentUnderTest {
  readonly questions: AgentQuestion[];
}

/** An agent that answers as told and keeps what it was asked. */
export function agentThat(answer: (question: AgentQuestion, signal: AbortSignal, onCost: OnCost) => string | AgentAnswer | Promise<string | AgentAnswer>): AskedAgent {
  const questions: AgentQuestion[] = [];
  return {
    questions,
    answer: async (question, signal, onCost) => {
      questions.push(question);
      const answered = await answer(question, signal, onCost);
      return typeof answered === 'string' ? answerOf(answered) : answered;
    },
  };
}

/** A file in memory, in chunks of `chunkBytes`. */
export function fileOf(text: string | Uint8Array, chunkBytes = 7): CaseFile {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return {
    name: 'cases.jsonl',
    open: async function* chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
  };
}
