import { isDeepStrictEqual } from 'node:util';
import { parseJson, type JsonValue } from './json-answer.ts';

/** Whether a call's arguments, as JSON text, hold at least `wanted`. Text that is no JSON holds nothing. */
export function hasArguments(argumentsJson: string, wanted: Readonly<Record<string, unknown>> | undefined): boolean {
  if (wanted === undefined) return true;
  // Models write nothing at all for a tool without arguments.
  const given = parseJson(argumentsJson.trim() === '' ? '{}' : argumentsJson);
  return given !== undefined && isRecord(given.value) && isSubset(wanted, given.value);
}

/** Members of objects may be more than wanted; lists and all else must be equal. */
function isSubset(wanted: unknown, given: unknown): boolean {
  if (!isRecord(wanted)) return isDeepStrictEqual(wanted, given);
  return isRecord(given) && Object.entries(wanted).every(([key, value]) => Object.hasOwn(given, key) && isSubset(value, given[key]));
}

function isRecord(value: unknown): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
