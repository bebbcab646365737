import type { CaseOutcome } from '@sluice/evals';
import type { PreparedAgent } from './prepared-agent.ts';

/** As the runtime says it of a provider that it has no connection to. */
const unreached = 'The model provider cannot be reached';

/** Names that only the DNS of a cluster knows. */
const ofCluster = /(\.svc|\.svc\.cluster\.local|\.cluster\.local)$/;

/** Where the provider was looked for, and what to do, when cases have no result because it cannot be reached from this machine. */
export function unreachableHint({ agent, bundle }: Pick<PreparedAgent, 'agent' | 'bundle'>, outcomes: readonly Pick<CaseOutcome, 'reason'>[]): string | undefined {
  const { endpoint } = bundle.model.provider;
  if (!outcomes.some(({ reason }) => reason.includes(unreached))) return undefined;
  const provider = `ModelProvider/${agent.spec.agent.model.providerRef.name}`;
  if (endpoint === undefined) return `${provider}: the provider's own endpoint cannot be reached from this machine: look at its network, and at HTTPS_PROXY`;
  const { hostname } = new URL(endpoint);
  const isInside = ofCluster.test(hostname) || (!hostname.includes('.') && hostname !== 'localhost' && !hostname.startsWith('['));
  const fix = isInside
    ? 'is a name of a cluster, which this machine does not know: forward its port (kubectl port-forward), and name http://127.0.0.1:PORT in a copy of the manifest'
    : 'cannot be reached from this machine: look whether it runs, and at HTTPS_PROXY';
  return `${provider}: spec.endpoint ${endpoint} ${fix}`;
}
