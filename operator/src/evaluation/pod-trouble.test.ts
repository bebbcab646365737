import { expect, test } from 'vitest';
import { podTrouble } from './pod-trouble.ts';
import { now, samplePod, withState } from './testing/sample-run.ts';

const waiting = (reason: string, message = '') => samplePod(withState({ waiting: { reason, message } }));

test.each([
  ['InvalidImageName', '', now, 'container "agent" cannot start (InvalidImageName)'],
  ['ErrImagePull', 'not found', now + 60_000, 'container "agent" cannot start (ErrImagePull: not found)'],
  ['ImagePullBackOff', '', now + 60_000, 'container "agent" cannot start (ImagePullBackOff)'],
  ['CreateContainerConfigError', 'secret "anthropic-key" not found', now + 60_000, 'container "agent" cannot start (CreateContainerConfigError: secret "anthropic-key" not found)'],
])('%s is given up in time', (reason, message, giveUpAt, sentence) => {
  expect(podTrouble(waiting(reason, message))).toEqual({ sentence, giveUpAt });
});

test('a container that is being made is no trouble', () => {
  expect(podTrouble(waiting('ContainerCreating'))).toBeUndefined();
  expect(podTrouble(samplePod({}))).toBeUndefined();
});

test('an init container counts as well', () => {
  const status = { initContainerStatuses: [{ name: 'wait', ready: false, restartCount: 0, state: { waiting: { reason: 'ErrImageNeverPull' } } }] };
  expect(podTrouble(samplePod(status))).toEqual({ sentence: 'container "wait" cannot start (ErrImageNeverPull)', giveUpAt: now });
});

test('a pod without a node is told of, but only the deadline ends it: nodes may be added', () => {
  const pod = samplePod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/3 nodes are available' }] });
  expect(podTrouble(pod)).toEqual({ sentence: 'the pod finds no node (0/3 nodes are available)' });
});
