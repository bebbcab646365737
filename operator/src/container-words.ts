/** Names of secrets, with what is written into them: up to the end of the line, because nobody knows where it ends. */
const named = /((?:pass(?:word|wd|phrase)?|pwd|secret|token|key|credentials?|auth\w*|cookie)["'`]?\s*[=:]\s*)(?!\/\/)\S.*/gi;
const schemes = /\b(basic|bearer|digest|negotiate)\s+\S+/gi;
/** What stands before the @ of an address. */
const addresses = /\/\/[^\s/@]+@/g;
/** Forms that issuers of keys have published, however short. */
const issued = /\b(?:(?:sk|pk|rk|whsec|gh[opsur]|github_pat|glpat|xox[abeprs]|hf|npm|dop_v1|shp(?:at|ss))[-_][\w-]{4,}|(?:AKIA|ASIA|AIza|ya29|eyJ)[\w.+/=-]{6,})/g;
/** Without a blank, a dot or a colon in it, and long enough for a key. */
const words = /[\w+/=~-]{16,}/g;

/**
 * What a container said before it ended, without what may be a credential. It is any program's log, and what is quoted is read by whoever
 * may read a status: rather too much is struck out, as *** each time, than too little.
 */
export function containerWords(text: string): string {
  return text.replace(addresses, '//***@').replace(named, '$1***').replace(schemes, '$1 ***').replace(issued, '***').replace(words, (word) => (isLikeKey(word) ? '***' : word));
}

/** Paths are written in one case mostly, and other long words without digits. */
function isLikeKey(word: string): boolean {
  if (!/[0-9]/.test(word)) return false;
  return !word.includes('/') || (/[a-z]/.test(word) && /[A-Z]/.test(word));
}

/** What the kubelet says of a container that it cannot start: names of images and files, and at times an address. */
export function kubeletWords(text: string): string {
  return text.replace(addresses, '//***@').replace(schemes, '$1 ***').replace(issued, '***');
}
