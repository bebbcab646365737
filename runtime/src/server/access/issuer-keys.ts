import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { Agent, fetch as undiciFetch, type RequestInit } from 'undici';
import type { Clock } from '../../platform/clock.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import type { Issuer, ServiceAccounts } from './access-file.ts';
import { createTokenReviews, type ReviewToken } from './token-reviews.ts';

/** Where the keys of an issuer are, and what they are asked for with. */
export type KeySource = Pick<Issuer, 'issuer' | 'audience' | 'jwksUri' | 'caFile' | 'tokenFile'> & Pick<ServiceAccounts, 'reviewUri'>;

/** The API server of Kubernetes answers 406 to whoever takes nothing but application/json. */
const keyTypes = 'application/jwk-set+json, application/json';
const timeoutMilliseconds = 5_000;

/** Keys that are older are asked for again while they are used. */
const freshMilliseconds = 600_000;
/** Between two times that an issuer is asked which did not answer. */
const pauseMilliseconds = 30_000;
/** Keys that are older are used no more: an issuer that is away makes no tokens, and those that it made have seldom more time than this. */
const longestMilliseconds = 3_600_000;

interface Loaded {
  readonly asked: number;
  /** The last time that the issuer gave its keys. */
  readonly at: number;
}

/** The keys of one issuer: those that are known stay in force while it is away for a while, and nobody waits while they are asked for again. */
function openKeys({ jwksUri, tokenFile }: KeySource, dispatcher: Agent | undefined, clock: WallClock): JWTVerifyGetKey {
  let loaded: Loaded = { asked: Number.NEGATIVE_INFINITY, at: Number.NEGATIVE_INFINITY };
  const load = async (url: string, init: object): Promise<Response> => {
    loaded = { ...loaded, asked: clock.now() };
    // The token for it is read each time, as it rotates.
    const authorization = tokenFile === undefined ? {} : { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
    const options: RequestInit = { ...init, headers: { accept: keyTypes, ...authorization }, redirect: 'error', ...(dispatcher === undefined ? {} : { dispatcher }) };
    const response = await undiciFetch(url, options);
    if (response.ok) loaded = { ...loaded, at: clock.now() };
    return response;
  };
  const remote = createRemoteJWKSet(new URL(jwksUri), { timeoutDuration: timeoutMilliseconds, cacheMaxAge: Number.POSITIVE_INFINITY, [customFetch]: load });
  return async (header, token) => {
    const now = clock.now();
    const age = now - loaded.at;
    if (remote.jwks() !== undefined && age > longestMilliseconds) await remote.reload();
    else if (remote.jwks() !== undefined && age > freshMilliseconds && now - loaded.asked > pauseMilliseconds) remote.reload().catch(() => undefined);
    return await remote(header, token);
  };
}

/** What tokens of one issuer are checked by. */
export interface IssuerChecks {
  readonly keys: JWTVerifyGetKey;
  /** Not set: they hold until they expire. */
  readonly review: ReviewToken | undefined;
}

interface Kept {
  readonly checks: IssuerChecks;
  readonly dispatcher: Agent | undefined;
}

function open(source: KeySource, ca: string | undefined, { clock, timer }: { readonly clock: WallClock; readonly timer: Clock }): Kept {
  const dispatcher = ca === undefined ? undefined : new Agent({ connect: { ca } });
  const { audience, reviewUri, tokenFile } = source;
  const review = reviewUri === undefined ? undefined : createTokenReviews({ reviewUri, audience, tokenFile, dispatcher, clock, timer });
  return { dispatcher, checks: { keys: openKeys(source, dispatcher, clock), review } };
}

/** Gives what tokens of issuers are checked by. Those of issuers that were there before are as they were: a change of who may ask is none of them. Throws for an authority that cannot be read. */
export type IssuerKeys = (sources: readonly KeySource[]) => readonly IssuerChecks[];

export function createIssuerKeys(clock: WallClock, timer: Clock): IssuerKeys {
  let kept = new Map<string, Kept>();
  return (sources) => {
    const named = sources.map((source) => {
      const ca = source.caFile === undefined ? undefined : readFileSync(source.caFile, 'utf8');
      return { source, ca, name: JSON.stringify([source.jwksUri, source.tokenFile ?? null, ca ?? null, ...(source.reviewUri === undefined ? [] : [source.reviewUri, source.audience])]) };
    });
    const next = new Map<string, Kept>();
    const found = named.map(({ source, ca, name }) => {
      const each = next.get(name) ?? kept.get(name) ?? open(source, ca, { clock, timer });
      next.set(name, each);
      return each.checks;
    });
    for (const [name, { dispatcher }] of kept) if (!next.has(name)) void dispatcher?.close();
    kept = next;
    return found;
  };
}
