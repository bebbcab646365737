import { isIP } from 'node:net';
import { compilePattern, GraderError } from '@sluice/evals';
import { durationMilliseconds, durationPattern, isTimeZone } from '@sluice/crds';
import type { AgentDeploymentSpec, EvalSuiteSpec, GatesSpec, Objective, RolloutSpec } from '@sluice/crds';
import { agentServerChecks } from './agent-server-checks.ts';
import type { CelCheck } from './cel-check.ts';

type Fields = Readonly<Record<string, unknown>>;

const within = (text: string, min: string, max: string) =>
  durationPattern.test(text) && durationMilliseconds(text) >= durationMilliseconds(min) && durationMilliseconds(text) <= durationMilliseconds(max);

/** CEL's url(...).getHostname(): as it is written, without user and port. */
const hostPattern = /^https?:\/\/(?:[^/?#@]*@)?([^/?#@:]+)/;

const hostIsAllowed = ({ url, allowedHosts }: { url: string; allowedHosts: readonly string[] }) => {
  const host = hostPattern.exec(url)?.[1];
  return host === undefined || allowedHosts.some((allowed) => allowed === host || (allowed.startsWith('*.') && host.endsWith(allowed.slice(1))));
};

const stepsFit = ({ steps = [], maxDuration }: RolloutSpec) => {
  if (![maxDuration, ...steps.map(({ duration }) => duration)].every((text) => durationPattern.test(text))) return true;
  return steps.length === 0 || steps.reduce((sum, { duration }) => sum + durationMilliseconds(duration), 0) < durationMilliseconds(maxDuration);
};

/** A step that mirrors counts as less than any weight. */
const stepsRise = (steps: NonNullable<RolloutSpec['steps']>) => {
  const ranks = steps.map(({ weight }) => weight ?? -1);
  return ranks.every((rank, index) => index === 0 || rank >= (ranks[index - 1] ?? rank));
};

/** Whether every tool of a kind names a member of the agent's list of that kind. */
const namesExist = ({ tools = [], ...lists }: { readonly tools?: readonly Fields[] } & Fields, kind = '', member = '') => {
  const names = ((lists as Fields)[kind] as readonly { name: string }[] | undefined)?.map(({ name }) => name) ?? [];
  return tools.every((tool) => tool[kind] === undefined || names.includes((tool[kind] as Record<string, string>)[member] ?? ''));
};

/** Never rising, and as written in the last step. */
const marginsFall = (steps: NonNullable<RolloutSpec['steps']>) => {
  const factors = steps.map(({ marginFactor = 1 }) => marginFactor);
  return factors.every((factor, index) => index === 0 || factor <= (factors[index - 1] ?? factor)) && (factors.at(-1) ?? 1) === 1;
};

const minimumFits = ({ gates, maxDuration }: RolloutSpec) => {
  const minimum = gates?.minDuration ?? '15m';
  if (gates?.objectives === undefined || ![minimum, maxDuration].every((text) => durationPattern.test(text))) return true;
  return durationMilliseconds(minimum) < durationMilliseconds(maxDuration);
};

const dependsOnOthers = ({ metadata, spec }: { readonly metadata: { readonly name?: string }; readonly spec: Pick<AgentDeploymentSpec, 'rollout'> }) =>
  metadata.name === undefined || (spec.rollout?.dependsOn ?? []).every(({ name }) => name !== metadata.name);

const comparisonHasBothSides = ({ route, rollout }: AgentDeploymentSpec) => {
  const { steps = [], gates } = rollout ?? {};
  const isFree = ({ role, successRate, latency }: Objective) =>
    (role === undefined ? successRate === undefined && latency === undefined : role === 'Guard') ||
    (successRate?.minPercent !== undefined && successRate.maxDropPoints === undefined) ||
    (latency?.maxMilliseconds !== undefined && latency.maxSlowerPoints === undefined);
  const compares = gates?.objectives?.every(isFree) === false;
  return route !== undefined || !compares || steps.every(({ weight = 0 }) => weight < 100);
};

const isCidr = (text: string) => {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits;
};

/** As the API server does, which compiles it with Go's RE2. */
const isPattern = (source: string) => {
  try {
    compilePattern('patterns', source);
    return true;
  } catch (error) {
    if (error instanceof GraderError) return false;
    throw error;
  }
};

/**
 * Every rule of the schemas that needs no cluster. A rule is recognised by its CEL text, so that one that changes is missed by a test
 * instead of being checked wrongly.
 */
const checks: readonly CelCheck[] = [
  ...agentServerChecks,
  {
    rule: /^size\(self\.metadata\.name\) <= (\d+) && self\.metadata\.name\.matches\('(.+)'\)$/,
    holds: ({ metadata: { name } }: { metadata: { name?: string } }, max, pattern) => name === undefined || (name.length <= Number(max) && new RegExp(pattern ?? '').test(name)),
  },
  { rule: /^!has\(self\.spec\.rollout\) \|\| !has\(self\.spec\.rollout\.dependsOn\) \|\| self\.spec\.rollout\.dependsOn\.all\(d, d\.name != self\.metadata\.name\) \|\| \(oldSelf\.hasValue\(\) && .*\)$/, holds: dependsOnOthers },
  { rule: /^self != ''.* && duration\(self\) >= duration\('([^']+)'\) && duration\(self\) <= duration\('([^']+)'\)$/, holds: (self: string, min, max) => within(self, min ?? '', max ?? '') },
  { rule: /^!self\.matches\('(.+)'\)$/, holds: (self: string, pattern) => !new RegExp(pattern ?? '').test(self) },
  { rule: /^self\.matches\('(.+)'\)$/, holds: (self: string, pattern) => new RegExp(pattern ?? '').test(self) },
  // What is wrong in a pattern is said by suite-problems.ts.
  { rule: /^''\.matches\(self\) in \[true, false\]$/, holds: () => true },
  { rule: /^timestamp\('[^']+'\)\.getHours\(self\) >= 0$/, holds: isTimeZone },
  { rule: /^isURL\(self\) && self\.matches\('(.+)'\)$/, holds: (self: string, pattern) => URL.canParse(self) && new RegExp(pattern ?? '').test(self) },
  { rule: /^isCIDR\(self\)$/, holds: isCidr },
  { rule: /^has\(self\.(\w+)\) != has\(self\.(\w+)\)$/, holds: (self: Fields, one = '', other = '') => (self[one] === undefined) !== (self[other] === undefined) },
  { rule: /^(has\(self\.\w+\)(?: \|\| has\(self\.\w+\))+)$/, holds: (self: Fields, names = '') => [...names.matchAll(/self\.(\w+)/g)].some(([, name = '']) => self[name] !== undefined) },
  { rule: /^!has\(self\.(\w+)\) \|\| \(has\(self\.(\w+)\) && self\.\2\)$/, holds: (self: Fields, one = '', other = '') => self[one] === undefined || self[other] === true },
  { rule: /^!has\(self\.(\w+)\) \|\| self\.(\w+) == '(\w+)'$/, holds: (self: Fields, one = '', other = '', value = '') => self[one] === undefined || self[other] === value },
  { rule: /^self\.(\w+) == '(\w+)' \|\| \(!has\(self\.(\w+)\) && !has\(self\.(\w+)\)\)$/, holds: (self: Fields, member = '', value = '', one = '', other = '') => self[member] === value || (self[one] === undefined && self[other] === undefined) },
  { rule: /^\(self\.(\w+) == '(\w+)'\) == has\(self\.(\w+)\)$/, holds: (self: Fields, member = '', value = '', other = '') => (self[member] === value) === (self[other] !== undefined) },
  { rule: /^!has\(self\.tools\) \|\| self\.tools\.all\(t, !has\(t\.(openapi|knowledge)\) \|\| \(has\(self\.\1\) && self\.\1\.exists\(d, d\.name == t\.\1\.(\w+)\)\)\)$/, holds: namesExist },
  { rule: /^!\(has\(self\.(\w+)\) && has\(self\.(\w+)\)\)$/, holds: (self: Fields, one = '', other = '') => self[one] === undefined || self[other] === undefined },
  { rule: /^''\.matches\(self\) \|\| !''\.matches\(self\)$/, holds: isPattern },
  {
    rule: /^self\.(\w+) != '(\w+)' \|\| (has\(self\.\w+\)(?: \|\| has\(self\.\w+\))*)$/,
    holds: (self: Fields, member = '', value = '', names = '') => self[member] !== value || [...names.matchAll(/self\.(\w+)/g)].some(([, name = '']) => self[name] !== undefined),
  },
  { rule: /^self\.(\w+) != '(\w+)' \|\| self\.(\w+) == '(\w+)'$/, holds: (self: Fields, member = '', value = '', other = '', wanted = '') => self[member] !== value || self[other] === wanted },
  { rule: /^has\(self\.type\) && self\.type == 'object'$/, holds: (self: Fields) => self['type'] === 'object' },
  { rule: /^self >= ([\d.]+) && self <= ([\d.]+)$/, holds: (self: number, min, max) => self >= Number(min) && self <= Number(max) },
  { rule: /^self <= ([\d.]+)$/, holds: (self: number, max) => self <= Number(max) },
  { rule: /^self\.minReplicas <= self\.maxReplicas$/, holds: (self: { minReplicas: number; maxReplicas: number }) => self.minReplicas <= self.maxReplicas },
  { rule: /^!isURL\(self\.url\) \|\| \[url\(self\.url\)\.getHostname\(\)\]\.exists\(host, host in self\.allowedHosts/, holds: hostIsAllowed },
  { rule: /^self\.size\(\) < 2 \|\| self\.map\(s, has\(s\.weight\) \? s\.weight : -1\)\.isSorted\(\)$/, holds: stepsRise },
  {
    rule: /^\[((?:has\(self\.\w+\)(?:, )?)+)\]\.exists_one\(set, set\)$/,
    holds: (self: Fields, names = '') => [...names.matchAll(/self\.(\w+)/g)].filter(([, name = '']) => self[name] !== undefined).length === 1,
  },
  { rule: /^!has\(self\.blocked\) \|\| !has\(self\.role\) \|\| self\.role == 'Guard'$/, holds: ({ blocked, role }: Fields) => blocked === undefined || role === undefined || role === 'Guard' },
  { rule: /^self\.all\(s, !has\(s\.marginFactor\)\) \|\| \(self\.map\(.*isSorted\(\) && .* == 1\.0\)\)$/, holds: marginsFall },
  {
    rule: /^!has\(self\.objectives\) \|\| self\.objectives\.all\(o, !has\(o\.query\)\) \|\| \(has\(self\.source\) && self\.source == 'Prometheus'\)$/,
    holds: ({ objectives = [], source }: GatesSpec) => source === 'Prometheus' || objectives.every(({ query }) => query === undefined),
  },
  { rule: /^!has\(self\.gates\) \|\| !has\(self\.gates\.objectives\) \|\| .* \|\| duration\(.*'15m'\)\) < duration\(self\.maxDuration\)$/, holds: minimumFits },
  {
    rule: /^has\(self\.route\) \|\| !has\(self\.rollout\) \|\| !has\(self\.rollout\.steps\) \|\| self\.rollout\.steps\.all\(s, has\(s\.weight\) && s\.weight > 0\)$/,
    holds: ({ route, rollout }: AgentDeploymentSpec) => route !== undefined || (rollout?.steps ?? []).every(({ weight = 0 }) => weight > 0),
  },
  {
    rule: /^has\(self\.route\) \|\| !has\(self\.rollout\) \|\| !has\(self\.rollout\.stickiness\)$/,
    holds: ({ route, rollout }: AgentDeploymentSpec) => route !== undefined || rollout?.stickiness === undefined,
  },
  {
    rule: /^has\(self\.route\) \|\| .*\.steps\.all\(s, !has\(s\.weight\) \|\| s\.weight < 100\) \|\| .*objectives\.all\(o, .*maxDropPoints\)\) \|\| .*maxSlowerPoints\)\)\)$/,
    holds: comparisonHasBothSides,
  },
  {
    rule: /^self\.startsWith\('([^']+)'\)((?: && !self\.contains\('[^']+'\))*)$/,
    holds: (self: string, start, others = '') => self.startsWith(start ?? '') && [...others.matchAll(/contains\('([^']+)'\)/g)].every(([, part = '']) => !self.includes(part)),
  },
  {
    rule: /^self\.all\(a, self\.exists_one\(b, a\.suiteRef\.name == b\.suiteRef\.name\)\)$/,
    holds: (self: readonly { suiteRef: { name: string } }[]) => new Set(self.map(({ suiteRef }) => suiteRef.name)).size === self.length,
  },
  { rule: /^self % 2 == 1$/, holds: (self: number) => self % 2 === 1 },
  {
    rule: /^!has\(self\.sources\) \|\| !has\(self\.atLeast\) \|\| self\.atLeast <= size\(self\.sources\)$/,
    holds: ({ atLeast = 1, sources }: { atLeast?: number; sources?: readonly string[] }) => sources === undefined || atLeast <= sources.length,
  },
  { rule: /^!self\.startsWith\('\/'\) && !self\.matches\('(.+)'\)$/, holds: (self: string, parts) => !self.startsWith('/') && !new RegExp(parts ?? '').test(self) },
  { rule: /^size\(self\.cases\) > 0 \|\| has\(self\.casesFrom\)$/, holds: ({ cases, casesFrom }: EvalSuiteSpec) => cases.length > 0 || casesFrom !== undefined },
  {
    rule: /^has\(self\.judge\) \|\| !self\.cases\.exists\(c, has\(c\.expect\.judge\)\)$/,
    holds: ({ judge, cases }: EvalSuiteSpec) => judge !== undefined || cases.every(({ expect }) => expect.judge === undefined),
  },
  {
    rule: /^!has\(self\.gates\) \|\| !has\(self\.gates\.objectives\) \|\| has\(self\.steps\)$/,
    holds: ({ gates, steps }: RolloutSpec) => gates?.objectives === undefined || steps !== undefined,
  },
  { rule: /^!has\(self\.steps\) \|\| .* \|\| self\.steps\.map\(s, duration\(s\.duration\)\)\.sum\(\) < duration\(self\.maxDuration\)$/, holds: stepsFit },
];

/** Rules about a change compare with the object in the cluster, which a file does not have. One that asks whether there is one holds for a new object too, so it has a check. */
export function needsCluster(rule: string): boolean {
  return /\boldSelf\b/.test(rule) && !rule.includes('oldSelf.hasValue()');
}

/** The check of a CEL rule; undefined when only the API server can check it. */
export function celCheck(rule: string): ((self: unknown) => boolean) | undefined {
  for (const check of checks) {
    const match = check.rule.exec(rule);
    if (match !== null) return (self) => check.holds(self as never, ...match.slice(1));
  }
  return undefined;
}
