import { parseTime } from '../clock-system.ts';
import type { Place, Schema } from './list-types.ts';
import { sameQuantity } from './quantity.ts';

const QUANTITY_MAPS: readonly string[] = ['requests', 'limits', 'capacity', 'hard', 'podFixed', 'max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];
const QUANTITIES: readonly string[] = ['averageValue', 'sizeLimit', 'divisor'];
/** Members of these are the user's own text. */
const OPAQUE_MAPS: readonly string[] = ['labels', 'annotations', 'data', 'stringData', 'binaryData', 'matchLabels', 'nodeSelector', 'parameters'];
const BASE64_IN: readonly string[] = ['binaryData'];
const BASE64: readonly string[] = ['caBundle'];

/** Whether the API server writes both texts as the same value: quantities, times and base64 have several forms. Strings and numbers differ, also in an int-or-string. */
export function sameValue(desired: unknown, actual: unknown, place: Place, schema: Schema): boolean {
  if (desired === actual) return true;
  if (schema.origin === 'custom' && place.parent !== 'metadata') return false;
  if (BASE64_IN.includes(place.parent) || BASE64.includes(place.name)) return sameBytes(desired, actual);
  if (OPAQUE_MAPS.includes(place.parent)) return false;
  if (QUANTITY_MAPS.includes(place.parent) || QUANTITIES.includes(place.name) || (place.name === 'value' && place.parent === 'target')) return sameQuantity(desired, actual);
  return /(?:Time|Timestamp)$/.test(place.name) && sameInstant(desired, actual);
}

/** The data of a Secret is compared as bytes. */
export function sameBytes(left: unknown, right: unknown): boolean {
  return typeof left === 'string' && typeof right === 'string' && Buffer.from(left, 'base64').equals(Buffer.from(right, 'base64'));
}

/** To the second: that is what `metav1.Time` keeps. */
function sameInstant(left: unknown, right: unknown): boolean {
  if (typeof left !== 'string' || typeof right !== 'string') return false;
  const [a, b] = [parseTime(left), parseTime(right)];
  return a !== undefined && b !== undefined && Math.floor(a / 1000) === Math.floor(b / 1000);
}
