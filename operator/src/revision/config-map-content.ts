import { createHash } from 'node:crypto';
import type { ConfigMap } from '@sluice/kube';
import { canonicalJson } from './digest.ts';

/** A ConfigMap as the operator keeps it in memory: of binary values their digests alone, which tell a change as well. */
export interface DigestedConfigMap extends ConfigMap {
  /** SHA-256 of each value of `binaryData`, which is gone. */
  binaryDigests?: Readonly<Record<string, string>>;
}

/** Which keys of a ConfigMap are meant; values of `All` are all that it has. */
export type ContentKeys = 'All' | readonly string[];

/** `configMap` with digests in place of its binary values. */
export function withDigestedBinaryData(configMap: ConfigMap): DigestedConfigMap {
  const { binaryData, ...rest } = configMap;
  return binaryData === undefined ? rest : { ...rest, binaryDigests: digestsOf(binaryData) };
}

/** SHA-256 over the values under `keys`, the same for a ConfigMap as it is and as it is kept in memory. */
export function contentDigest(configMap: DigestedConfigMap, keys: ContentKeys = 'All'): string {
  const { data = {}, binaryData = {}, binaryDigests = digestsOf(binaryData) } = configMap;
  return sha256(canonicalJson({ data: picked(data, keys), binaryData: picked(binaryDigests, keys) }));
}

/** The values under `keys`; throws TypeError for a ConfigMap of which only digests are left. */
export function contentOf(configMap: DigestedConfigMap, keys: ContentKeys): Pick<ConfigMap, 'data' | 'binaryData'> {
  if (hasDigestsOnly(configMap)) throw new TypeError(`ConfigMap "${configMap.metadata.name}" was read from the cache, which has no binary values: read it from the API server`);
  const [data, binaryData] = [picked(configMap.data ?? {}, keys), picked(configMap.binaryData ?? {}, keys)];
  return { ...(Object.keys(data).length === 0 ? {} : { data }), ...(Object.keys(binaryData).length === 0 ? {} : { binaryData }) };
}

export function hasDigestsOnly({ binaryDigests = {} }: DigestedConfigMap): boolean {
  return Object.keys(binaryDigests).length > 0;
}

/** Names of all that it holds. */
export function keysOfContent({ data = {}, binaryData = {}, binaryDigests = {} }: DigestedConfigMap): { readonly texts: readonly string[]; readonly all: readonly string[] } {
  const texts = Object.keys(data);
  return { texts, all: [...texts, ...Object.keys(binaryData), ...Object.keys(binaryDigests)] };
}

function picked(values: Readonly<Record<string, string>>, keys: ContentKeys): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => keys === 'All' || keys.includes(key)));
}

function digestsOf(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, sha256(value)]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
