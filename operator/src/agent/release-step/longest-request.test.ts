import { describe, expect, it } from 'vitest';
import { sampleAgent, sampleRecord } from '../../revision/testing/sample-agent.ts';
import { longestRequestMs } from './longest-request.ts';

const { bundle } = sampleRecord();
const stable = (requestTimeoutMs: number) => ({ bundle: { ...bundle, limits: { ...bundle.limits, requestTimeoutMs } } });
const agent = (requestTimeout: string) => {
  const { spec } = sampleAgent();
  return { spec: { ...spec, agent: { ...spec.agent, limits: { requestTimeout, maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 } } } };
};

describe('settle time', () => {
  it.each([
    ['the new revision gives up later', '5m', stable(60_000), 300_000],
    ['the stable revision gives up later: its failures of before the weight changed are counted late', '1m', stable(600_000), 600_000],
    ['nothing serves yet', '90s', undefined, 90_000],
  ])('is the longer timeout of both revisions: %s', (_, requestTimeout, other, expected) => {
    expect(longestRequestMs(agent(requestTimeout), other)).toBe(expected);
  });

  it('is the default of limits.requestTimeout where none is written', () => {
    const { limits: _none, ...rest } = sampleAgent().spec.agent;
    expect(longestRequestMs({ spec: { ...sampleAgent().spec, agent: rest } }, stable(1_000))).toBe(60_000);
  });
});
