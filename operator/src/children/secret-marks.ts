import type { Deployment } from '@sluice/kube';

/** On the Deployment: the versions of the Secrets that its pods were started with, as `name=version` with commas between. */
const versionsAnnotation = 'sluice.dev/secret-versions';
/** On the pods: a new value restarts them in place. No part of the revision. */
const restartAnnotation = 'sluice.dev/restarted-for-secrets';

/** What a Deployment says of the Secrets of its pods. */
export interface SecretMarks {
  /** By the name of the Secret; '' for one that did not exist. */
  readonly startedWith: ReadonlyMap<string, string>;
  /** Set once they were restarted because a Secret had changed. */
  readonly restart?: string;
}

/** Undefined where nothing was written down yet. */
export function readSecretMarks({ metadata, spec }: Deployment): SecretMarks | undefined {
  const text = metadata.annotations?.[versionsAnnotation];
  const restart = spec.template.metadata?.annotations?.[restartAnnotation];
  if (text === undefined && restart === undefined) return undefined;
  const pairs = (text ?? '').split(',').filter((pair) => pair.includes('='));
  const startedWith = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
  return { startedWith, ...(restart === undefined ? {} : { restart }) };
}

/** `deployment` with the marks on it. */
export function withSecretMarks(deployment: Deployment, marks: SecretMarks | undefined): Deployment {
  if (marks === undefined) return deployment;
  const { metadata, spec } = deployment;
  const { template } = spec;
  const { restart } = marks;
  const versions = [...marks.startedWith].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([name, version]) => `${name}=${version}`).join(',');
  const marked = marks.startedWith.size === 0 ? metadata : { ...metadata, annotations: { ...metadata.annotations, [versionsAnnotation]: versions } };
  if (restart === undefined) return { ...deployment, metadata: marked };
  const pods = { ...template.metadata, annotations: { ...template.metadata?.annotations, [restartAnnotation]: restart } };
  return { ...deployment, metadata: marked, spec: { ...spec, template: { ...template, metadata: pods } } };
}
