import type { AgentBundle, AgentDeployment, ModelProvider } from '@sluice/crds';
import type { PodTemplateSpec } from '@sluice/kube';
import { renderBundle } from './bundle.ts';
import { canonicalJson, revisionDigest } from './digest.ts';
import { type EgressRule, renderEgress } from './egress.ts';
import { invalidSpec, shown } from './error.ts';
import { type Pins, pinsOf, type ReferenceSource, withSnapshots } from './pins.ts';
import { renderPodTemplate } from './pod-template.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * One immutable revision of an agent: all that its objects are made of. Equal names mean equal records, byte for byte in canonical
 * JSON. It names Secrets and never holds what is in them.
 */
export interface RevisionRecord extends Pins {
  readonly agent: string;
  readonly namespace: string;
  /** Ten lower-case hex characters. */
  readonly revision: string;
  readonly image: string;
  /** The model as the provider names it. */
  readonly model: string;
  readonly bundle: AgentBundle;
  readonly podTemplate: PodTemplateSpec;
  readonly egress: readonly EgressRule[];
}

export interface RevisionInput {
  readonly agent: AgentDeployment;
  readonly provider: ModelProvider;
  /** Those that stand in for it; not set: none is named. */
  readonly otherProviders?: readonly ModelProvider[] | undefined;
  /** The system prompt itself, inline or read from its ConfigMap. */
  readonly promptText: string;
  /** The image of an agent that names none. */
  readonly defaultImage?: string | undefined;
  /** What `spec.template` refers to; not set: nothing of it exists. */
  readonly references?: ReferenceSource;
}

/** The parts that a digest covers. A pin that is not set is not part of it, so agents without references keep the names of their revisions. */
export type RevisionContent = Pick<RevisionRecord, 'bundle' | 'podTemplate' | 'egress' | 'configMaps' | 'secrets'>;

const nothing: ReferenceSource = { configMap: () => undefined };

/** Stands for the revision while its name is not known: the name is the digest of the content, which cannot hold itself. */
const noRevision = '';

/** A DNS label that begins with a letter: the Service carries this name. */
const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The revision that a spec describes. Throws RevisionError (InvalidSpec) that names the field to change. */
export function renderRevision({ agent, provider, otherProviders, promptText, defaultImage, references = nothing }: RevisionInput): RevisionRecord {
  const { name, namespace = '' } = agent.metadata;
  if (!serviceName.test(name)) throw invalidSpec('metadata.name', `is ${shown(name)}: use at most 63 lower-case letters, digits and '-', beginning with a letter`);
  const { model, image = defaultImage } = agent.spec.agent;
  if (image === undefined) throw invalidSpec('spec.agent.image', 'is not set and the operator has no default: name the runtime image, or install the operator with one');
  const bundle = renderBundle(agent, provider, promptText, otherProviders);
  const egress = renderEgress(agent.spec.network, bundle, agent.spec);
  const templateFor = (revision: string) => renderPodTemplate({ agent, provider, otherProviders, bundle, image, revision });
  const unnamed = templateFor(noRevision);
  const pins = pinsOf(unnamed, name, noRevision, references);
  const revision = revisionDigest({ bundle, egress, podTemplate: withSnapshots(unnamed, name, noRevision), ...pins });
  const podTemplate = withSnapshots(templateFor(revision), name, revision);
  return inCanonicalOrder({ agent: name, namespace, revision, image, model: model.name, bundle, podTemplate, egress, ...pins });
}

/** The copies of ConfigMaps that the pods of a revision need. */
export function snapshotsOf({ agent, namespace, revision, configMaps = [] }: RevisionRecord): Snapshot[] {
  return configMaps.flatMap<Snapshot>(({ name, keys = 'All' as const, digest }) => (digest === undefined ? [] : [{ agent, namespace, revision, source: name, keys, digest }]));
}

/** Whether `content` is what `revision` was named after. */
export function isContentOf(revision: string, content: RevisionContent): boolean {
  const { bundle, egress, configMaps, secrets } = content;
  const podTemplate: unknown = JSON.parse(canonicalJson(content.podTemplate).replaceAll(revision, noRevision));
  return revisionDigest({ bundle, egress, podTemplate, configMaps, secrets }) === revision;
}

/** The same data with keys in canonical order, so that reading a record back gives the very same object. */
function inCanonicalOrder(record: RevisionRecord): RevisionRecord {
  return JSON.parse(canonicalJson(record)) as RevisionRecord;
}
