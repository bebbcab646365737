import { labelMatcher } from '../informer/label-selector.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { Refusal } from './refusal.ts';

export type Matches = (object: KubeObject) => boolean;

const REQUIREMENT = /^\s*(?:[^\s!=,()<>]+\s+(?:in|notin)\s*\([^()]*\)|[^\s!=,()<>]+\s*(?:==|=|!=)\s*[^\s!=,()<>]*|!?\s*[^\s!=,()<>]+)\s*$/;
const FIELD = /^\s*(metadata\.name|metadata\.namespace)\s*(==|=|!=)\s*(\S*)\s*$/;

/** What a request's namespace and selectors choose. Throws Refusal (400) for a selector that cannot be read, or another field. */
export function matcherOf(query: URLSearchParams, namespace: string): Matches {
  const labels = labelsOf(query.get('labelSelector') ?? '');
  const fields = (query.get('fieldSelector') ?? '').split(',').filter((part) => part.trim() !== '').map(fieldOf);
  return (object) => (namespace === '' || keyOf(object).namespace === namespace) && labels(object.metadata.labels) && fields.every((fits) => fits(object));
}

function labelsOf(selector: string): ReturnType<typeof labelMatcher> {
  const wrong = selector.split(/,(?![^(]*\))/).find((part) => selector.trim() !== '' && !REQUIREMENT.test(part));
  if (wrong !== undefined) throw new Refusal(400, 'BadRequest', `unable to parse requirement '${wrong}' of labelSelector; write a=b, a!=b, a in (b,c), a notin (b), a or !a`);
  return labelMatcher(selector);
}

function fieldOf(part: string): Matches {
  const [, field, operator, value] = FIELD.exec(part) ?? [];
  if (field === undefined) throw new Refusal(400, 'BadRequest', `field label not supported: '${part}'; the fake API server knows metadata.name and metadata.namespace`);
  const read: (object: KubeObject) => string = field === 'metadata.name' ? (object) => keyOf(object).name : (object) => keyOf(object).namespace;
  return operator === '!=' ? (object) => read(object) !== value : (object) => read(object) === value;
}
