import type { Expectation } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { prepareCase, parseCase } from '../suite/prepared-case.ts';
import type { Transcript } from '../transcript.ts';
import type { GradingModels } from './compile-expectation.ts';
import { gradeTranscript } from './grade-transcript.ts';
import type { Judge } from './judge/judge.ts';
import type { Embedder } from './similarity/embedder.ts';
import { quietTime } from '../testing/quiet-time.ts';

type Parts = Partial<Transcript>;

/** What one expectation passes, what it fails, and what can neither pass nor fail it: an expectation that is refused, or a transcript that measures nothing. */
interface Row {
  readonly wanted: unknown;
  readonly passes: Parts;
  readonly fails: readonly [Parts, string];
  readonly errs: readonly [{ readonly refused: unknown } | Parts, string];
}

const call = (name: string, argumentsJson = '{}') => ({ name, argumentsJson, outcome: 'ok' as const });

/** The type holds that no expectation is forgotten. */
const rows: { readonly [Member in keyof Required<Expectation>]: Row } = {
  equals: { wanted: 'Yes.', passes: { answer: 'Yes.' }, fails: [{ answer: 'No.' }, 'is not the text that was asked for'], errs: [{ refused: 5 }, 'expect.equals is not valid'] },
  contains: { wanted: ['30 days'], passes: { answer: 'Within 30 DAYS.' }, fails: [{ answer: 'Soon.' }, 'does not hold "30 days"'], errs: [{ refused: [] }, 'expect.contains is not valid'] },
  notContains: { wanted: ['%'], passes: { answer: 'No discount.' }, fails: [{ answer: '10 % off' }, 'holds "%", which it must not'], errs: [{ refused: [''] }, 'expect.notContains.0 is not valid'] },
  matches: { wanted: ['(a+)+$'], passes: { answer: 'aaa' }, fails: [{ answer: `${'a'.repeat(100_000)}!` }, 'does not match "(a+)+$"'], errs: [{ refused: ['(a)\\1'] }, 'back references'] },
  notMatches: { wanted: ['(a+)+$'], passes: { answer: `${'a'.repeat(100_000)}!` }, fails: [{ answer: 'aaa' }, 'matches "(a+)+$", which it must not'], errs: [{ refused: ['(?=a)'] }, 'lookarounds'] },
  jsonSchema: { wanted: { type: 'object', required: ['id'] }, passes: { answer: '{"id":1}' }, fails: [{ answer: '{}' }, 'the rule #/required is broken'], errs: [{ refused: { type: 'text' } }, 'is no JSON schema'] },
  jsonPath: { wanted: [{ path: '$.id', equalsJson: '1' }], passes: { answer: '{"id":1}' }, fails: [{ answer: '{"id":2}' }, 'has another value at "$.id"'], errs: [{ refused: [{ path: '$[' }] }, 'is no JSONPath'] },
  number: { wanted: { value: 30, tolerance: 1 }, passes: { answer: '31 days' }, fails: [{ answer: '33 days' }, 'not within 1 of 30'], errs: [{ refused: { value: Number.NaN } }, 'expect.number.value is not valid'] },
  tools: {
    wanted: { called: [{ name: 'read', arguments: { id: 7 } }], notCalled: ['pay'] }, passes: { toolCalls: [call('read', '{"id":7}')] }, fails: [{ toolCalls: [call('read', '{"id":8}')] }, 'with other arguments than asked for'],
    errs: [{ refused: {} }, 'expect.tools needs called, notCalled or both'],
  },
  mustRefuse: { wanted: {}, passes: { answer: 'I cannot help with that.' }, fails: [{ answer: 'Sure.' }, 'is no refusal'], errs: [{ refused: { phrases: [] } }, 'expect.mustRefuse.phrases is not valid'] },
  mustCite: { wanted: { atLeast: 1 }, passes: { citations: ['kb'] }, fails: [{ citations: [] }, 'cites 0 of the 1 sources'], errs: [{}, 'does not tell what its answers rest on'] },
  mustRequestApproval: { wanted: { tool: 'pay' }, passes: { approvalsRequested: ['pay'] }, fails: [{ approvalsRequested: [] }, 'did not ask for an approval of the tool "pay"'], errs: [{}, 'does not tell whether it asked'] },
  blockedByRule: { wanted: 'pii', passes: { blockedByRules: ['pii'] }, fails: [{ blockedByRules: [] }, 'was not blocked by the rule "pii"'], errs: [{}, 'does not tell which rules blocked'] },
  maxLatency: { wanted: '2s', passes: { latencyMs: 1_999 }, fails: [{ latencyMs: 2_001 }, 'took 2001 ms'], errs: [{ latencyMs: Number.NaN }, 'its latency is not known'] },
  maxCostDollars: { wanted: 0.01, passes: { costDollars: 0.01 }, fails: [{ costDollars: 0.02 }, 'cost 0.02 US dollars'], errs: [{}, "the agent's model has no price"] },
  similarTo: { wanted: { texts: ['near'], atLeast: 0.5 }, passes: { answer: 'near' }, fails: [{ answer: 'far' }, 'has a similarity of -1.000'], errs: [{ answer: 'unknown' }, 'knows no word'] },
  judge: { wanted: { rubric: 'polite', repeats: 1 }, passes: { answer: 'good' }, fails: [{ answer: 'bad' }, 'does not meet the rubric (3 of the judgements Fail, 0 Pass)'], errs: [{ answer: 'down' }, 'the judge gave no judgement'] },
};

const vectors: Readonly<Record<string, readonly number[]>> = { near: [1, 0], far: [-1, 0] };
const embedder: Embedder = { digest: 'sha256:model', embed: async (texts) => texts.map((text) => Float32Array.from(vectors[text] ?? [0, 0])) };
const judge: Judge = {
  judge: async ({ answer }) => {
    if (answer === 'down') throw new Error('the provider is down');
    return answer === 'bad' ? 'Fail' : 'Pass';
  },
};
const models: GradingModels = { embedder, judge };
const { signal } = new AbortController();

function prepared(member: string, wanted: unknown) {
  return prepareCase({ place: 'cases[0]', evalCase: parseCase('cases[0]', { name: 'c', input: { text: 'q' }, expect: { [member]: wanted } }) }, models);
}

async function graded(member: string, wanted: unknown, parts: Parts) {
  const { graders, evalCase } = prepared(member, wanted);
  return await gradeTranscript(graders, { answer: 'Something.', ending: 'answered', toolCalls: [], latencyMs: 1, ...parts }, { evalCase, signal, onJudgeCost: () => {}, checkTime: quietTime() });
}

describe.each(Object.entries(rows))('%s', (member, { wanted, passes, fails: [failing, why], errs: [erring, problem] }) => {
  it('passes', async () => {
    expect(await graded(member, wanted, passes)).toEqual({ verdict: 'Pass', reason: '' });
  });

  it('fails, and says why', async () => {
    expect(await graded(member, wanted, failing)).toEqual({ verdict: 'Fail', reason: expect.stringContaining(why) });
  });

  it('cannot be met by what cannot be graded', async () => {
    if ('refused' in erring) expect(() => prepared(member, erring.refused)).toThrow(problem);
    else expect(await graded(member, wanted, erring)).toEqual({ verdict: 'NotMeasured', reason: expect.stringContaining(problem) });
  });
});
