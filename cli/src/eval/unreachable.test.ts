import { expect, it } from 'vitest';
import type { PreparedAgent } from './prepared-agent.ts';
import { unreachableHint } from './unreachable.ts';

const at = (endpoint: string | undefined) => ({ agent: { spec: { agent: { model: { providerRef: { name: 'simm' } } } } }, bundle: { model: { provider: { kind: 'OpenAI', ...(endpoint === undefined ? {} : { endpoint }) } } } }) as unknown as PreparedAgent;
const lost = [{ reason: '' }, { reason: 'The model provider cannot be reached, or broke the connection off' }];

it.each([
  ['http://simm.bakery.svc:8080/v1', 'ModelProvider/simm: spec.endpoint http://simm.bakery.svc:8080/v1 is a name of a cluster, which this machine does not know: forward its port (kubectl port-forward)'],
  ['http://simm.bakery.svc.cluster.local', 'is a name of a cluster'],
  ['http://simm:8080', 'is a name of a cluster'],
  ['http://127.0.0.1:9', 'spec.endpoint http://127.0.0.1:9 cannot be reached from this machine: look whether it runs'],
  ['http://[::1]:9', 'cannot be reached from this machine'],
  ['http://localhost:9', 'cannot be reached from this machine'],
  [undefined, "ModelProvider/simm: the provider's own endpoint cannot be reached from this machine"],
])('says of %s what to do', (endpoint, says) => {
  expect(unreachableHint(at(endpoint), lost)).toContain(says);
});

it('says nothing where the provider answered', () => {
  expect(unreachableHint(at('http://simm.bakery.svc'), [{ reason: 'The model provider failed (HTTP 500)' }])).toBeUndefined();
});
