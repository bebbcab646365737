import type { AgentDeploymentSpec } from '@sluice/crds';
import { inThousandths } from '@sluice/operator/src/revision/quantity.ts';
import type { CelCheck } from './cel-check.ts';

type Credentials = readonly { readonly name: string }[] | undefined;

interface Caller {
  readonly credential?: string;
}

const isKnown = (credentials: Credentials, { credential }: Caller = {}) => credential === undefined || (credentials ?? []).some(({ name }) => name === credential);

const isService = ({ mode }: AgentDeploymentSpec) => mode === undefined || mode === 'Service';

/** The rules about what an agent server is, where it keeps its state, and what it is known by. */
export const agentServerChecks: readonly CelCheck[] = [
  {
    rule: /^!has\(self\.mode\) \|\| self\.mode == 'Service' \|\| \(has\(self\.state\) && has\(self\.state\.postgres\)\)$/,
    holds: (self: AgentDeploymentSpec) => isService(self) || self.state?.postgres !== undefined,
  },
  {
    rule: /^!has\(self\.mode\) \|\| self\.mode == 'Service' \|\| !has\(self\.jobs\) \|\| !has\(self\.jobs\.concurrency\) \|\| self\.jobs\.concurrency > 0$/,
    holds: (self: AgentDeploymentSpec) => isService(self) || (self.jobs?.concurrency ?? 1) > 0,
  },
  {
    rule: /^!has\(self\.mode\) \|\| self\.mode == 'Service' \|\| .* \|\| !self\.rollout\.steps\.exists\(s, has\(s\.mirrorPercent\)\)$/,
    holds: (self: AgentDeploymentSpec) => isService(self) || (self.rollout?.steps ?? []).every(({ mirrorPercent }) => mirrorPercent === undefined),
  },
  {
    rule: /^!has\(self\.tools\) \|\| self\.tools\.all\(t, \(!has\(t\.http\) \|\| \(!has\(t\.http\.credential\) \|\| .*c\.name == t\.mcp\.credential\)+$/,
    holds: ({ tools = [], credentials }: { readonly tools?: readonly { readonly http?: Caller; readonly mcp?: Caller }[]; readonly credentials?: Credentials }) =>
      tools.every(({ http, mcp }) => isKnown(credentials, http) && isKnown(credentials, mcp)),
  },
  {
    rule: /^!has\(self\.openapi\) \|\| self\.openapi\.all\(d, \(!has\(d\.credential\) \|\| .*c\.name == d\.credential\)+$/,
    holds: ({ openapi = [], credentials }: { readonly openapi?: readonly Caller[]; readonly credentials?: Credentials }) => openapi.every((document) => isKnown(credentials, document)),
  },
  {
    rule: /^!has\(self\.mcp\) \|\| !has\(self\.mcp\.schema\) \|\| self\.mcp\.schema == 'Given' \|\| !has\(self\.parameters\)$/,
    holds: ({ mcp, parameters }: { readonly mcp?: { readonly schema?: string }; readonly parameters?: object }) => (mcp?.schema ?? 'Given') === 'Given' || parameters === undefined,
  },
  {
    rule: /^self\.matches\('([^']+)'\) && !\(self\.lowerAscii\(\) in \[([^\]]+)\]\)$/,
    holds: (self: string, pattern = '', names = '') => new RegExp(pattern).test(self) && ![...names.matchAll(/'([^']+)'/g)].some(([, name]) => name === self.toLowerCase()),
  },
  {
    rule: /^!has\(self\.anonymous\) \|\| !\(has\(self\.keysSecretRef\) \|\| has\(self\.issuers\) \|\| has\(self\.serviceAccounts\)\)$/,
    holds: ({ anonymous, keysSecretRef, issuers, serviceAccounts }: NonNullable<AgentDeploymentSpec['access']>) =>
      anonymous === undefined || (keysSecretRef === undefined && issuers === undefined && serviceAccounts === undefined),
  },
  {
    rule: /^isQuantity\(self\) && quantity\(self\)\.isGreaterThan\(quantity\('([^']+)'\)\)$/,
    holds: (self: string, least = '') => (inThousandths(self) ?? 0n) > (inThousandths(least) ?? 0n),
  },
];
