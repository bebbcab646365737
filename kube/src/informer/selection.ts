import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { labelMatcher } from './label-selector.ts';

/** Which objects of a type an informer follows. */
export interface Selection {
  /** Default, and '': all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** Whether an informer with this selection can hold the object; `object` may be missing when only its key is known. */
export type Covers = (key: ObjectKey, object?: KubeObject) => boolean;

/** Field selectors are read as far as names go; other fields are the server's to judge, so they rule nothing out here. */
export function covering(selection: Selection): Covers {
  const { namespace = '', labelSelector, fieldSelector = '' } = selection;
  const matches = labelSelector ? labelMatcher(labelSelector) : () => true;
  const name = /(?:^|,)metadata\.name==?([^,]+)/.exec(fieldSelector)?.[1];
  return (key, object) => (namespace === '' || namespace === key.namespace)
    && (name === undefined || name === (object ? keyOf(object) : key).name)
    && (object === undefined || matches(object.metadata.labels));
}
