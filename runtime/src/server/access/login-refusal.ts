/** Why nobody was let in, for the log and the metric of whoever runs the agent. Callers are not told: it would tell who tries how far they came. */
export const loginRefusalReasons = [
  'no_credentials',
  'unknown_key',
  'expired_key',
  'malformed',
  'issuer',
  'algorithm',
  'signing_key',
  'signature',
  'expired',
  'not_yet_valid',
  'no_expiry',
  'no_subject',
  'audience',
  'claim',
  'not_in_force',
  'issuer_unavailable',
  'review_unavailable',
] as const;
export type LoginRefusalReason = (typeof loginRefusalReasons)[number];

export interface LoginRefusal {
  readonly reason: LoginRefusalReason;
  /** As the configuration names it; not set: none that it names. Nothing of the token is ever here. */
  readonly issuer?: string | undefined;
}
