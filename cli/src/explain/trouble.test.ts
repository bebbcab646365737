import type { AgentDeployment } from '@sluice/crds';
import { expect, it } from 'vitest';
import { troubleSentences } from './trouble.ts';

const taken = (takeOver: string | undefined): AgentDeployment => ({
  apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', metadata: { name: 'support' }, spec: {} as AgentDeployment['spec'],
  status: { phase: 'Degraded', message: 'taking it over does not get on: releases is forbidden', ...(takeOver === undefined ? {} : { takeOver }) },
});

it('a take-over that does not get on is why nothing happens', () => {
  expect(troubleSentences(taken('40'), undefined)).toEqual(["Its release stands until this shard's operator has taken it over: taking it over does not get on: releases is forbidden."]);
  expect(troubleSentences(taken(undefined), undefined)).toEqual([]);
});
