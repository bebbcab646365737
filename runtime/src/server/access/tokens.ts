import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey, type JWTVerifyOptions } from 'jose';
import type { Caller } from '../../approvals/caller.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import { HttpProblem } from '../problem.ts';
import { Forbidden, IssuerAway, loginRefusalOf, Unauthenticated } from '../request-problems.ts';
import type { AccessFile, Issuer, ServiceAccounts } from './access-file.ts';
import { accountsAuthority, issuerAuthority } from './authorities.ts';
import type { IssuerChecks, IssuerKeys, KeySource } from './issuer-keys.ts';
import { reasonOf } from './token-faults.ts';
import type { Review } from './token-reviews.ts';

/** Asymmetric ones alone: with a shared secret, whoever can check a token could make one. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'];
const clockToleranceSeconds = 30;

/** What a token says of its bearer, told by the rules of its issuer. */
type ToCaller = (claims: JWTPayload) => Caller;

function textClaim(claims: JWTPayload, claim: string): string | undefined {
  const value = claims[claim];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fromIssuer({ issuer, tenant: fixed, tenantClaim, rolesClaim }: Issuer): ToCaller {
  return (claims) => {
    const tenant = fixed ?? textClaim(claims, tenantClaim);
    const listed = claims[rolesClaim];
    if (tenant === undefined || claims.sub === undefined) throw new Forbidden(`The token names no ${tenant === undefined ? `tenant (claim "${tenantClaim}")` : 'subject'}`);
    const roles = Array.isArray(listed) ? listed.filter((role) => typeof role === 'string') : [];
    return { tenant, subject: claims.sub, authority: issuerAuthority(issuer), roles };
  };
}

const accountSubject = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** How the file knows the ServiceAccount of that subject. */
export function accountOf({ accounts }: Pick<ServiceAccounts, 'accounts'>, subject: string): ServiceAccounts['accounts'][number] | undefined {
  const [, namespace, name] = accountSubject.exec(subject) ?? [];
  // One that is named itself goes before its namespace.
  return accounts.find((each) => each.namespace === namespace && each.name === name) ?? accounts.find((each) => each.namespace === namespace && each.name === undefined);
}

function fromServiceAccount({ issuer, accounts }: ServiceAccounts): ToCaller {
  return ({ sub = '' }) => {
    const known = accountOf({ accounts }, sub);
    if (known === undefined) throw new Forbidden('This ServiceAccount may not ask the agent');
    return { tenant: known.tenant ?? known.namespace, subject: sub, authority: accountsAuthority(issuer), roles: known.roles };
  };
}

interface Verifier {
  readonly source: KeySource;
  readonly checks: IssuerChecks;
  readonly toCaller: ToCaller;
}

/** The issuer that a token says it is of: which rules it is checked by, nothing else. */
function claimedIssuer(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'iss' in claims && typeof claims.iss === 'string' ? claims.iss : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A token that does not name its key is checked with each one that it may be of. */
async function verifiedClaims(token: string, keys: JWTVerifyGetKey, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (wrong) {
        if (!(wrong instanceof errors.JWSSignatureVerificationFailed)) throw wrong;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** After the keys: the cluster is asked about its own tokens alone, and of callers that may ask. */
async function reviewed(token: string, { source: { issuer }, checks: { review } }: Verifier): Promise<Review> {
  if (review === undefined) return 'in-force';
  try {
    return await review(token);
  } catch (cause) {
    throw new IssuerAway({ reason: 'review_unavailable', issuer }, cause);
  }
}

/** Throws HttpProblem. */
async function callerBy(verifier: Verifier, token: string, clock: WallClock): Promise<Caller> {
  const { source, checks, toCaller } = verifier;
  const { issuer } = source;
  let claims: JWTPayload;
  try {
    const options = { issuer, audience: source.audience, algorithms, clockTolerance: clockToleranceSeconds, currentDate: new Date(clock.now()), requiredClaims: ['exp', 'sub'] };
    claims = await verifiedClaims(token, checks.keys, options);
  } catch (cause) {
    const reason = reasonOf(cause);
    throw reason === undefined ? new IssuerAway({ reason: 'issuer_unavailable', issuer }, cause) : new Unauthenticated('The token is not valid, has expired, or is for somebody else', { cause, refusal: { reason, issuer } });
  }
  const caller = toCaller(claims);
  if ((await reviewed(token, verifier)) === 'refused') throw new Unauthenticated('The token is not in force any more: the cluster has taken it back, or its pod or account is gone', { refusal: { reason: 'not_in_force', issuer } });
  return caller;
}

/** Of what several refuse a token for: that it could not be checked goes before that its bearer may not ask, and that before that it is not valid. */
function moreTelling(one: HttpProblem | undefined, next: HttpProblem): HttpProblem {
  if (one === undefined || one.facts.status < next.facts.status) return next;
  // A token for another audience of the same issuer is checked by each of them: what the one that it is for says is why.
  return one.facts.status === next.facts.status && loginRefusalOf(one)?.reason === 'audience' ? next : one;
}

export type VerifyToken = (token: string) => Promise<Caller>;

/** Tells whose token it is. Throws Unauthenticated, Forbidden, or HttpProblem 503 when the issuer's keys cannot be had. */
export function createTokenVerifier({ issuers, serviceAccounts }: AccessFile, clock: WallClock, keysOf: IssuerKeys): VerifyToken {
  const rules: readonly Omit<Verifier, 'checks'>[] = [
    ...issuers.map((source) => ({ source, toCaller: fromIssuer(source) })),
    ...(serviceAccounts === undefined ? [] : [{ source: serviceAccounts, toCaller: fromServiceAccount(serviceAccounts) }]),
  ];
  const ofIssuers = keysOf(rules.map(({ source }) => source));
  const verifiers = rules.flatMap((rule, index): Verifier[] => ofIssuers.slice(index, index + 1).map((checks) => ({ ...rule, checks })));
  return async (token) => {
    const issuer = claimedIssuer(token);
    let refusal: HttpProblem | undefined;
    // An issuer may be there several times, for an audience each: the first that takes the token says whose it is.
    for (const verifier of verifiers.filter(({ source }) => source.issuer === issuer)) {
      try {
        return await callerBy(verifier, token, clock);
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        refusal = moreTelling(refusal, error);
      }
    }
    throw refusal ?? new Unauthenticated('The token is of no issuer that this agent knows', { refusal: { reason: issuer === undefined ? 'malformed' : 'issuer' } });
  };
}
