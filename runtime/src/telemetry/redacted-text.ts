/** Stands where something was that no line may hold. */
export const struckOut = '[redacted]';

/** Where a word begins, also after a line break that JSON has escaped. */
const begin = String.raw`(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))`;

/** What looks like a credential, whoever's it is. The first group is kept: it says what was there. */
const credentials: readonly RegExp[] = [
  // Schemes of the authorization header.
  new RegExp(String.raw`${begin}((?:bearer|basic|apikey) +)[\w.~+/=-]{4,}`, 'gi'),
  // JSON web tokens. The bound of the first part is above those of all issuers: a text that begins one again and again takes time by its length.
  new RegExp(String.raw`()${begin}eyJ[\w-]{5,1024}\.[\w-]{5,}(?:\.[\w-]*)?`, 'g'),
  // Keys that say by their first letters what they are: of model providers, forges, clouds and callbacks.
  new RegExp(String.raw`()${begin}(?:(?:sk|pk|rk|xox[abprs]|gh[pousr]|github_pat|glpat|hf|whsec)[-_]|AKIA|AIza)[A-Za-z0-9_-]{12,}`, 'g'),
  // Passwords in URLs.
  /([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"]*:)[^\s@/"]+(?=@)/gi,
  // Names of credentials with their values, in queries, headers and JSON.
  new RegExp(String.raw`(${begin}(?:x-)?(?:api[-_]?key|access[-_]?token|auth[-_]?token|client[-_]?secret|password|passwd|secret|authorization|cookie)\\?["']?\s*[:=]\s*\\?["']?)(?!\[redacted\])[^\s"'&,;\\}]{3,}`, 'gi'),
];

/** Strikes out these secrets, and whatever looks like a credential. */
export function redactText(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, struckOut);
  for (const pattern of credentials) clean = clean.replace(pattern, `$1${struckOut}`);
  return clean;
}
