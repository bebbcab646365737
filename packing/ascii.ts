/** A template whose escapes are not read: an escape in it would be six characters. */
const RAW = /String\.raw`((?:[^`\\]|\\[^])*)`/g;
const BEYOND = /[^\0-\x7f]/g;

/**
 * `code` with what is beyond ASCII as escapes, which mean the same in strings, templates and patterns: one such character, and V8 keeps
 * two bytes for each of the whole program. Throws Error for a raw template that cannot be written otherwise.
 */
export function inAscii(code: string): string {
  return code.replaceAll(RAW, toldString).replaceAll(BEYOND, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function toldString(template: string, text: string): string {
  if (!/[^\0-\x7f]/.test(text)) return template;
  if (text.includes('${')) throw new Error(`${template} has values and characters beyond ASCII: take one of them out`);
  return JSON.stringify(text);
}
