import type { PathPart } from './problem.ts';

const longest = 60;

/** Fields in which somebody may have written a secret by mistake; configMapKeyRef is none. */
const secretive = /api_?key|secret|token|passw|credential|authorization/i;

/** A value for a message, short. Texts that may be secrets are not shown, and of what is nested only the names are. */
export function quote(value: unknown, path: readonly PathPart[]): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return `an object with ${Object.keys(value).join(', ') || 'no fields'}`;
  if (typeof value !== 'string') return String(value);
  if (path.some((part) => typeof part === 'string' && secretive.test(part))) return 'a text that is not shown here, because it may be a secret';
  const shown = withoutUserInfo(value);
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}...` : shown);
}

/** "https://user:password@host" is shown as "https://***@host". */
function withoutUserInfo(text: string): string {
  return text.replace(/^(\w+:\/\/)[^/?#]*@/, '$1***@');
}
