import { createHash } from 'node:crypto';
import type { AgentBundle } from '@sluice/crds';
import { defaultRetries, tryTimeoutOf } from '../providers/create-model-client.ts';
import type { AccessFile } from '../server/access/access-file.ts';
import { redactText } from '../telemetry/redacted-text.ts';
import { shownPath } from './config-error.ts';
import type { Environment } from './environment.ts';
import { flagNames, flagTable, type FlagName } from './live/flag-table.ts';
import type { FlagsFile } from './live/flags-file.ts';
import { serverVariables, type Variable } from './variables.ts';

/** Where a value comes from, the weakest first. */
export const configLayers = ['default', 'environment', 'bundle', 'tenant', 'flags'] as const;
export type ConfigLayer = (typeof configLayers)[number];

/** One value in force. */
export interface ConfigEntry {
  readonly name: string;
  readonly value: unknown;
  readonly layer: ConfigLayer;
  /** Whose it is; not set: everybody's. */
  readonly tenant?: string;
}

export interface ConfigSources {
  readonly environment: Environment;
  readonly bundle: AgentBundle;
  /** Undefined: there is no access file. */
  readonly access: AccessFile | undefined;
  readonly flags: FlagsFile;
}

/** Characters of a text that is shown whole. */
const shownCharacters = 200;
const digestCharacters = 16;

function shownText(text: string): unknown {
  if (text.length <= shownCharacters) return redactText(text, []);
  return { characters: text.length, sha256: createHash('sha256').update(text).digest('hex').slice(0, digestCharacters) };
}

const showing: Readonly<Record<NonNullable<Variable['shown']>, (given: string) => unknown>> = { value: shownText, never: () => '[redacted]', url: withoutPassword, path: shownPath };

function variableEntry({ name, default: fallback, shown = 'value' }: Variable, environment: Environment): ConfigEntry {
  const given = environment[name]?.trim() || undefined;
  if (given === undefined) return { name, value: fallback ?? null, layer: 'default' };
  return { name, value: showing[shown](given), layer: 'environment' };
}

/** A URL that cannot be read may hold anything. */
function withoutPassword(text: string): string {
  if (text.startsWith('sqlite:')) return text;
  const url = URL.parse(text);
  if (url === null) return '[redacted]';
  for (const member of ['username', 'password'] as const) if (url[member] !== '') url[member] = 'redacted';
  url.search = '';
  return url.href;
}

/** The prompt is told by its digest: it tells revisions apart, and is nobody's business else. */
function isHidden(path: string): boolean {
  return path === 'prompt';
}

function leaves(value: unknown, path: string): readonly { readonly path: string; readonly value: unknown }[] {
  if (isHidden(path)) return [{ path, value: { characters: String(value).length, sha256: createHash('sha256').update(String(value)).digest('hex').slice(0, digestCharacters) } }];
  if (Array.isArray(value)) return value.length === 0 ? [{ path, value }] : value.flatMap((each, index) => leaves(each, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([name, member]) => leaves(member, path === '' ? name : `${path}.${name}`));
  return [{ path, value: typeof value === 'string' ? shownText(value) : value }];
}

/** What is in force where the bundle says nothing. */
function bundleDefaults(bundle: AgentBundle): Readonly<Record<string, unknown>> {
  return { 'model.tryTimeoutMs': tryTimeoutOf(bundle), 'model.retries.max': defaultRetries.max, 'model.retries.budgetPercent': defaultRetries.budgetPercent };
}

function bundleEntries(bundle: AgentBundle): readonly ConfigEntry[] {
  const given = leaves(bundle, '').map(({ path, value }): ConfigEntry => ({ name: path, value, layer: 'bundle' }));
  const names = new Set(given.map(({ name }) => name));
  return [...given, ...Object.entries(bundleDefaults(bundle)).flatMap(([name, value]): ConfigEntry[] => (names.has(name) ? [] : [{ name, value, layer: 'default' }]))];
}

type Layered = readonly (readonly [ConfigLayer, boolean | number | null | undefined])[];

/** The strongest layer that says something. */
function strongest(layers: Layered): Pick<ConfigEntry, 'value' | 'layer'> {
  const found = layers.findLast(([, value]) => value !== undefined);
  return { value: found?.[1] ?? null, layer: found?.[0] ?? 'default' };
}

function tenantEntries({ access, flags }: ConfigSources, tenant: string | undefined): readonly ConfigEntry[] {
  const listed = tenant !== undefined && access !== undefined && Object.hasOwn(access.tenants, tenant) ? access.tenants[tenant] : undefined;
  const policy = listed ?? access?.defaultTenant;
  const own = tenant !== undefined && Object.hasOwn(flags.tenants, tenant) ? flags.tenants[tenant] : undefined;
  const whose = tenant === undefined ? {} : { tenant };
  const flagOf = (name: FlagName): ConfigEntry => ({ name: `flags.${name}`, ...whose, ...strongest([['default', flagTable[name].default], ['tenant', policy?.flags[name]], ['flags', flags.flags[name]], ['flags', own?.flags[name]]]) });
  return [{ name: 'requestsPerMinute', ...whose, ...strongest([['default', null], ['tenant', policy?.requestsPerMinute], ['flags', own?.requestsPerMinute]]) }, ...flagNames.map(flagOf)];
}

/** Every value in force and the layer that it is of; no secret is among them. */
export function effectiveConfig(sources: ConfigSources): readonly ConfigEntry[] {
  const { environment, bundle, access, flags } = sources;
  const tenants = [...new Set([...Object.keys(access?.tenants ?? {}), ...Object.keys(flags.tenants)])].toSorted();
  const level: readonly ConfigEntry[] = flags.logLevel === undefined ? [] : [{ name: 'logLevel', value: flags.logLevel, layer: 'flags' }];
  return [...serverVariables.map((variable) => variableEntry(variable, environment)), ...bundleEntries(bundle), ...tenantEntries(sources, undefined), ...tenants.flatMap((tenant) => tenantEntries(sources, tenant)), ...level];
}
