import type { GatewayAddress } from '../gateway/stand.ts';
import { pathPrefixOf, type Manifest } from '../gateway/agent-stand.ts';
import type { ObjectiveCase, RevisionChange } from './objective-cases.ts';

export interface ExampleAgent extends Manifest {
  readonly spec: {
    readonly agent: {
      readonly model: { readonly name: string };
      readonly prompt: { readonly inline: string };
      readonly tools: readonly { readonly http: { readonly url: string } }[];
    };
  };
}

/** Users who wait for longer are nobody's: only so long after a change of the weight a release may be promoted. */
const REQUEST_TIMEOUT = '5s';
/** Half of the users, and as soon as the objective decides. */
const STEPS = [{ weight: 50, duration: '5s' }];
/** Many agents share a small node. */
const RESOURCES = { requests: { cpu: '20m', memory: '96Mi' } };

/** The example's agent as the case has it, with the change, judged by nothing but the objective of the case. */
export function judgedAgent({ metadata, spec, ...rest }: ExampleAgent, one: ObjectiveCase, change: RevisionChange, gateway: GatewayAddress): object {
  const { prompt, model = spec.agent.model.name, toolPath } = change;
  const tools = spec.agent.tools.map((tool) => (toolPath === undefined ? tool : { ...tool, http: { ...tool.http, url: new URL(tool.http.url).origin + toolPath } }));
  return {
    ...rest,
    metadata: { ...metadata, name: one.name },
    spec: {
      replicas: 1,
      access: { anonymous: 'Allowed' },
      agent: { ...spec.agent, model: { ...spec.agent.model, name: model }, prompt: { inline: `${spec.agent.prompt.inline}${prompt}\n` }, tools, limits: { requestTimeout: REQUEST_TIMEOUT } },
      template: { spec: { containers: [{ name: 'agent', resources: RESOURCES }] } },
      route: { parentRefs: [{ name: gateway.name, namespace: gateway.namespace }], pathPrefix: pathPrefixOf(one.name) },
      rollout: {
        steps: STEPS,
        gates: { source: one.source, interval: '3s', minDuration: '0s', objectives: [{ name: one.name, role: 'Gate', ...one.objective }] },
        maxDuration: '10m',
        progressDeadline: '4m',
      },
    },
  };
}
