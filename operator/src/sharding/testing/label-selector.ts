import type { KubeObject } from '@sluice/kube';

/** Equality and `in`, as the look-ups of a take-over use them. */
export function matches({ metadata }: KubeObject, selector: string): boolean {
  return selector.split(/,(?![^(]*\))/).every((term) => {
    const [, key = '', values = ''] = /^(\S+?)(?:=| in \()([^)]*)\)?$/.exec(term) ?? [];
    return values.split(',').includes(metadata.labels?.[key] ?? '');
  });
}
