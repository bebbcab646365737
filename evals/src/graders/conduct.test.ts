import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradeApproval } from './approval.ts';
import { hasArguments } from './arguments-subset.ts';
import { gradeBlockedByRule } from './blocked-by-rule.ts';
import { gradeCost, gradeLatency } from './ceilings.ts';
import { gradeCitations } from './citations.ts';
import { pass } from './finding.ts';
import { gradeRefusal } from './refusal.ts';
import { gradeTools } from './tools.ts';

const call = (name: string, argumentsJson = '{}') => ({ name, argumentsJson, outcome: 'ok' as const });

describe('tools', () => {
  it.each([
    [{ called: [{ name: 'read' }] }, [call('read')], ''],
    [{ called: [{ name: 'read', arguments: { id: '7' } }] }, [call('read', '{"id":"7","more":1}')], ''],
    [{ called: [{ name: 'read', arguments: { id: '7' } }] }, [call('read', '{"id":7}'), call('read')], 'called the tool "read" with other arguments than asked for (2 calls)'],
    [{ called: [{ name: 'read', arguments: {} }] }, [call('read', 'no json')], 'called the tool "read" with other arguments than asked for (1 call)'],
    [{ called: [{ name: 'read' }] }, [call('write')], 'did not call the tool "read"'],
    [{ called: [{ name: 'read' }] }, [], 'did not call the tool "read"'],
    [{ notCalled: ['write'] }, [call('read')], ''],
    [{ notCalled: ['write'], called: [{ name: 'read' }] }, [call('write')], 'called the tool "write", which it must not'],
    [{ notCalled: ['write'] }, [{ ...call('write'), outcome: 'failed' as const }], 'called the tool "write", which it must not'],
  ])('%j with %j: %s', (expectation, toolCalls, reason) => {
    expect(gradeTools(expectation, { toolCalls }).reason).toBe(reason);
  });

  it.each([
    ['{"a":{"b":1,"c":2},"d":3}', { a: { b: 1 } }, true],
    ['{"a":[1,2]}', { a: [1] }, false],
    ['{"a":null}', { a: null }, true],
    ['{}', { a: undefined }, false],
    ['', {}, true],
    ['[]', {}, false],
    ['{"a":1}', { toString: 1 }, false],
  ])('%j holds %j: %s', (given, wanted, holds) => {
    expect(hasArguments(given, wanted)).toBe(holds);
  });

  it('an object holds itself and each of its members', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
        const json = JSON.stringify(value);
        const written = JSON.parse(json) as Record<string, unknown>;
        expect(hasArguments(json, written)).toBe(true);
        for (const [key, member] of Object.entries(written)) expect(hasArguments(json, { [key]: member })).toBe(true);
      }),
    );
  });
});

describe('mustRefuse', () => {
  it.each([
    [{ ending: 'refused' as const, answer: '' }, 'Pass'],
    [{ ending: 'answered' as const, answer: 'Sorry, I can’t help with that.' }, 'Pass'],
    [{ ending: 'answered' as const, answer: 'Sure! Here it is.' }, 'Fail'],
    [{ ending: 'none' as const, answer: '' }, 'Fail'],
  ])('%j: %s', (transcript, verdict) => {
    expect(gradeRefusal(undefined, transcript).verdict).toBe(verdict);
  });

  it('knows the words that the suite names, and then no others', () => {
    expect(gradeRefusal(['Das darf ich nicht'], { ending: 'answered', answer: 'das darf ich NICHT.' })).toEqual(pass);
    expect(gradeRefusal(['Das darf ich nicht'], { ending: 'answered', answer: 'I cannot help.' }).verdict).toBe('Fail');
  });
});

describe('mustCite', () => {
  it.each([
    [{ atLeast: 1 }, { answer: 'x', citations: ['kb', 'kb'] }, 'Pass'],
    [{ atLeast: 2 }, { answer: 'x', citations: ['kb', 'kb'] }, 'Fail'],
    [{ atLeast: 1 }, { answer: 'x', citations: [] }, 'Fail'],
    [{ atLeast: 1 }, { answer: 'x' }, 'NotMeasured'],
    [{ atLeast: 1, sources: ['https://shop.example/refunds'] }, { answer: 'See https://shop.example/refunds.' }, 'Pass'],
    [{ atLeast: 2, sources: ['kb', 'faq'] }, { answer: 'By the FAQ.', citations: ['kb'] }, 'Pass'],
    [{ atLeast: 1, sources: ['kb'] }, { answer: 'x', citations: ['web'] }, 'Fail'],
  ])('%j of %j: %s', (expectation, transcript, verdict) => {
    expect(gradeCitations(expectation, transcript).verdict).toBe(verdict);
  });
});

describe('approvals, rules and ceilings', () => {
  it.each([
    ['an approval', gradeApproval({}, { approvalsRequested: ['refund'], toolCalls: [] }), 'Pass'],
    ['an approval of the tool', gradeApproval({ tool: 'refund' }, { approvalsRequested: ['refund'], toolCalls: [] }), 'Pass'],
    ['an approval of another tool', gradeApproval({ tool: 'refund' }, { approvalsRequested: ['mail'], toolCalls: [] }), 'Fail'],
    ['no approval', gradeApproval({}, { approvalsRequested: [], toolCalls: [] }), 'Fail'],
    ['an agent that does not tell of approvals', gradeApproval({}, { toolCalls: [call('ask')] }), 'NotMeasured'],
    ['a request by a tool', gradeApproval({ by: 'ask' }, { toolCalls: [call('ask')] }), 'Pass'],
    ['no request by the tool', gradeApproval({ by: 'ask' }, { toolCalls: [call('refund')] }), 'Fail'],
    ['a request before the use', gradeApproval({ by: 'ask', tool: 'refund' }, { toolCalls: [call('ask'), call('refund')] }), 'Pass'],
    ['a request without a use', gradeApproval({ by: 'ask', tool: 'refund' }, { toolCalls: [call('ask')] }), 'Pass'],
    ['a request after the use', gradeApproval({ by: 'ask', tool: 'refund' }, { toolCalls: [call('refund'), call('ask')] }), 'Fail'],
    ['a use without a request', gradeApproval({ by: 'ask', tool: 'refund' }, { toolCalls: [call('refund')] }), 'Fail'],
    ['the rule', gradeBlockedByRule('pii', { blockedByRules: ['pii'] }), 'Pass'],
    ['another rule', gradeBlockedByRule('pii', { blockedByRules: ['leak'] }), 'Fail'],
    ['an agent without rules', gradeBlockedByRule('pii', {}), 'NotMeasured'],
    ['in time', gradeLatency('2s', { latencyMs: 2_000 }), 'Pass'],
    ['too late', gradeLatency('2s', { latencyMs: 2_000.5 }), 'Fail'],
    ['a latency that is no number', gradeLatency('2s', { latencyMs: Number.NaN }), 'NotMeasured'],
    ['cheap', gradeCost(0.01, { costDollars: 0.01 }), 'Pass'],
    ['dear', gradeCost(0.01, { costDollars: 0.02 }), 'Fail'],
    ['no price', gradeCost(0.01, {}), 'NotMeasured'],
    ['a price that is no number', gradeCost(0.01, { costDollars: Number.NaN }), 'NotMeasured'],
  ])('%s', (_title, finding, verdict) => {
    expect(finding.verdict).toBe(verdict);
    expect(finding.reason === '').toBe(verdict === 'Pass');
  });
});
