/** What a series or a target is known by. */
export interface Labelled {
  readonly labels: ReadonlyMap<string, string>;
}

/** Which pod it is of: `namespace/name`. */
export function podOf({ labels }: Labelled): string {
  return podKey({ namespace: labels.get('namespace'), name: labels.get('pod') });
}

export function podKey({ namespace = '', name = '' }: { readonly namespace?: string | undefined; readonly name?: string | undefined }): string {
  return `${namespace}/${name}`;
}

/** Which scrape a series is from: another one of the same pod has another job or another address. */
export function sourceOf({ labels }: Labelled): string {
  return `job ${labels.get('job') ?? ''}, instance ${labels.get('instance') ?? ''}`;
}
