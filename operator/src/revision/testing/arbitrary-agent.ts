import type { AgentDeployment } from '@sluice/crds';
import * as fc from 'fast-check';
import { sampleAgent, sampleTool } from './sample-agent.ts';

const template = fc.record({
  metadata: fc.record({ annotations: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ maxLength: 8 }), { maxKeys: 3, noNullPrototype: true }) }),
  spec: fc.record(
    {
      priorityClassName: fc.constantFrom('low', 'high'),
      nodeSelector: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z]{0,8}$/), { maxKeys: 3, noNullPrototype: true }),
      tolerations: fc.array(fc.record({ key: fc.stringMatching(/^[a-z]{1,8}$/), effect: fc.constant('NoSchedule') }), { maxLength: 2 }),
      containers: fc.constantFrom([], [{ name: 'agent', env: [{ name: 'MODE', value: 'fast' }] }], [{ name: 'proxy', image: 'example.com/proxy:1', ports: [{ containerPort: 15_001 }] }]),
    },
    { requiredKeys: [] },
  ),
});

const tools = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { maxLength: 3 }).map((names) => names.map((name) => ({ ...sampleTool, name })));

/** Valid agents that differ in everything that a revision pins. */
export const arbitraryAgent: fc.Arbitrary<AgentDeployment> = fc
  .record({
    image: fc.constantFrom('example.com/agent', 'example.com/agent:latest', 'example.com/agent:1', `example.com/agent@sha256:${'a'.repeat(64)}`),
    model: fc.constantFrom('small', 'large'),
    timeout: fc.constantFrom('1s', '90s', '1h'),
    tools,
    template,
  })
  .map(({ image, model, timeout, tools: list, template: pods }) =>
    sampleAgent({
      agent: {
        image,
        model: { providerRef: { name: 'anthropic' }, name: model },
        tools: list,
        limits: { requestTimeout: timeout, maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 },
      },
      spec: { template: pods },
    }),
  );

/** A prompt with what JSON finds hard: quotes, control characters, any script. */
export const arbitraryPrompt = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });

/** `value` with the keys of every object in another order and with undefined members strewn in. */
export function reordered<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reordered) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed().map(([key, member]) => [key, reordered(member)] as const);
  return Object.fromEntries([['absent', undefined], ...entries]) as T;
}
