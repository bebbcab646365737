import { expect, it } from 'vitest';
import { sampleAgent } from '../../revision/testing/sample-agent.ts';
import { conditionsOf } from './conditions.ts';
import { assess } from './health.ts';
import { decideUnlessSuspended } from '../suspension.ts';
import type { AgentObservation, InputProblem } from '../observation.ts';
import { readLedger } from '../ledger/releases.ts';

function stalledBy(reason: InputProblem['reason']): string | undefined {
  return conditionsFor({ reason, message: 'why' }).find(({ type }) => type === 'Stalled')?.status;
}

function observationOf(problem: InputProblem): AgentObservation {
  return {
    now: 0, agent: sampleAgent(), desired: { kind: 'Unresolved', problem },
    releases: [], runs: new Map(), suites: new Map(), records: new Map(), policies: [], standing: new Map(), seen: { deployments: new Map(), policies: new Map() }, revisions: new Map(), autoscalers: new Set(), neighbours: new Map(), routing: { api: 'Served', services: new Set() },
  };
}

function conditionsFor(problem: InputProblem) {
  const observation = observationOf(problem);
  const ledger = readLedger([]);
  return conditionsOf(observation, ledger, assess(observation, ledger));
}

it.each([
  ['ProviderNotFound', 'True'],
  ['NameTaken', 'True'],
  ['NameNotFree', 'False'],
] as const)('calls for a person where nothing else helps: %s is stalled: %s', (reason, stalled) => {
  expect(stalledBy(reason)).toBe(stalled);
});

it('are taken by the API server whatever somebody has to say', () => {
  const told = conditionsFor({ reason: 'InvalidBundle', message: 'a reason '.repeat(10_000) }).find(({ type }) => type === 'Ready');
  expect(told?.message).toMatch(/^a reason a reason .*…$/);
  expect(told?.message.length).toBeLessThanOrEqual(16_384);
});

it.each(['On its way', 'Suspended'])('the sentence of the status is bounded as they are: %s', (what) => {
  const seen = observationOf({ reason: 'InvalidBundle', message: 'a reason '.repeat(10_000) });
  const observation = what === 'Suspended' ? { ...seen, agent: { ...seen.agent, spec: { ...seen.agent.spec, suspend: true } } } : seen;
  const { message = '' } = decideUnlessSuspended(observation).status;
  expect(message).toMatch(/a reason a reason .*…$/);
  expect(message.length).toBeLessThanOrEqual(16_384);
});
