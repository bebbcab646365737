import type { AgentDeployment } from '@sluice/crds';
import { expect, it } from 'vitest';
import { troubleSentences } from './trouble.ts';

const taken = (takeOver: string | undefined): AgentDeployment => ({
  apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name: 'support' }, spec: {} as AgentDeployment['spec'],
  status: { phase: 'Degraded', message: 'taking it over does not get on: releases is forbidden', ...(takeOver === undefined ? {} : { takeOver }) },
});

it('a take-over that does not get on is why nothing happens', () => {
  expect(troubleSentences(taken('40'))).toEqual(["Its release stands until this shard's operator has taken it over: taking it over does not get on: releases is forbidden."]);
  expect(troubleSentences(taken(undefined))).toEqual([]);
});

it('an agent that answers nobody says so, and what to write', () => {
  const agent = taken(undefined);
  const conditions = [{ type: 'AnswersNobody', status: 'True' as const, reason: 'AccessNotSet', message: 'Nothing says who may ask revision r1, so it answers nobody (401, access-not-set), because spec.access is not set', lastTransitionTime: '2026-11-22T10:00:00Z' }];
  expect(troubleSentences({ ...agent, status: { ...agent.status, conditions } })).toEqual(['AnswersNobody: Nothing says who may ask revision r1, so it answers nobody (401, access-not-set), because spec.access is not set.']);
});
