import { errors } from 'jose';
import type { LoginRefusalReason } from './login-refusal.ts';

const claims: Readonly<Record<string, LoginRefusalReason>> = { iss: 'issuer', aud: 'audience', nbf: 'not_yet_valid' };
const missing: Readonly<Record<string, LoginRefusalReason>> = { exp: 'no_expiry', sub: 'no_subject' };

function reasonOfClaim({ claim, reason }: errors.JWTClaimValidationFailed): LoginRefusalReason {
  if (reason === 'invalid') return 'claim';
  return (reason === 'missing' ? missing[claim] : undefined) ?? claims[claim] ?? 'claim';
}

/** What is wrong with a token by the error of the library that checked it; undefined: nothing is, it could not be checked. */
export function reasonOf(error: unknown): LoginRefusalReason | undefined {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) return reasonOfClaim(error);
  if (error instanceof errors.JWKSNoMatchingKey) return 'signing_key';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm';
  return error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid ? 'malformed' : undefined;
}
