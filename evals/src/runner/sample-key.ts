/** Hex digits of a case's digest that are kept: 48 bits tell the versions of one case apart. */
const digestLength = 'sha256:'.length + 12;

/** The digest of a case as results keep it. */
export function shortDigest(digest: string): string {
  return digest.slice(0, digestLength);
}

/** A case as it was run: one that was changed is another case. */
export function caseKey({ name, digest }: { readonly name: string; readonly digest: string }): string {
  return `${name}/${shortDigest(digest)}`;
}

/** One question of a run. */
export function sampleKey({ case: name, repeat, digest }: { readonly case: string; readonly repeat: number; readonly digest: string }): string {
  return `${name}/${repeat}/${shortDigest(digest)}`;
}
