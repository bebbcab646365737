import { gradeTranscript, compileExpectation, createCheckTime } from '@sluice/evals';
import { expect, it } from 'vitest';
import type { Toolbox } from '../tools/toolbox.ts';
import type { ToolResult } from '../tools/tool-result.ts';
import { createStubbedToolbox } from './stubbed-toolbox.ts';

const signal = new AbortController().signal;

/** A toolbox whose calls end when they are told to. */
function held() {
  const ends = new Map<string, (result: ToolResult) => void>();
  const toolbox: Toolbox = { descriptions: [], effectOf: () => 'Read', call: ({ name }) => new Promise((resolve) => void ends.set(name, resolve)) };
  return { ends, stubbed: createStubbedToolbox(toolbox, { toolStubs: [], tools: 'Live' }) };
}

const callOf = (name: string) => ({ name, argumentsJson: '{}', requestId: 'r', ref: 'tool-1' });
const context = { evalCase: { name: 'c', input: { text: 'q' } }, signal, onJudgeCost: () => {}, checkTime: createCheckTime({ now: () => 0 }) };

it.each([
  ['asked first, whoever ended first', ['ask_person', 'refund'], ['refund', 'ask_person'], 'Pass'],
  ['asked last, whoever ended first', ['refund', 'ask_person'], ['ask_person', 'refund'], 'Fail'],
])('of calls that are made side by side a person was %s', async (_title, begun, ended, verdict) => {
  const { ends, stubbed } = held();
  const calls = begun.map((name) => stubbed.toolbox.call(callOf(name), signal));
  for (const name of ended) ends.get(name)?.({ kind: 'ok', content: '' });
  await Promise.all(calls);
  expect(stubbed.calls.map(({ name, outcome }) => [name, outcome])).toEqual(begun.map((name) => [name, 'ok']));
  const transcript = { answer: 'Done.', ending: 'answered' as const, toolCalls: stubbed.calls, latencyMs: 1 };
  expect(await gradeTranscript(compileExpectation({ mustRequestApproval: { tool: 'refund', by: 'ask_person' } }), transcript, context)).toMatchObject({ verdict });
});

it('a call that has not ended, or has failed, has failed', async () => {
  const { ends, stubbed } = held();
  const failing = stubbed.toolbox.call(callOf('broken'), signal);
  void stubbed.toolbox.call(callOf('hanging'), signal);
  ends.get('broken')?.({ kind: 'failed', failure: 'error', reason: 'gone' });
  await failing;
  expect(stubbed.calls).toEqual([{ name: 'broken', argumentsJson: '{}', outcome: 'failed' }, { name: 'hanging', argumentsJson: '{}', outcome: 'failed' }]);
});
