/** Who vouches for subjects, as it is kept beside what is theirs: the form never changes (docs/decisions/0043). */
export const keysAuthority = 'keys';

export function issuerAuthority(issuer: string): string {
  return `issuer ${issuer}`;
}

export function accountsAuthority(issuer: string): string {
  return `serviceaccounts ${issuer}`;
}
