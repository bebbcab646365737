import type { AgentBundle, AgentDeployment, ModelProvider } from '@sluice/crds';
import type { PodTemplateSpec } from '@sluice/kube';
import { renderBundle } from './bundle.ts';
import { canonicalJson, revisionDigest } from './digest.ts';
import { type EgressRule, renderEgress } from './egress.ts';
import { invalidSpec, shown } from './error.ts';
import { renderPodTemplate } from './pod-template.ts';

/**
 * One immutable revision of an agent: all that its objects are made of. Equal names mean equal records, byte for byte in canonical
 * JSON. It names Secrets and never holds what is in them.
 */
export interface RevisionRecord {
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
  /** The system prompt itself, inline or read from its ConfigMap. */
  readonly promptText: string;
  /** The image of an agent that names none. */
  readonly defaultImage?: string | undefined;
}

/** The parts that a digest covers. */
export type RevisionContent = Pick<RevisionRecord, 'bundle' | 'podTemplate' | 'egress'>;

/** Stands for the revision while its name is not known: the name is the digest of the content, which cannot hold itself. */
const noRevision = '';

/** A DNS label that begins with a letter: the Service carries this name. */
const serviceName = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The revision that a spec describes. Throws RevisionError (InvalidSpec) that names the field to change. */
export function renderRevision({ agent, provider, promptText, defaultImage }: RevisionInput): RevisionRecord {
  const { name, namespace = '' } = agent.metadata;
  if (!serviceName.test(name)) throw invalidSpec('metadata.name', `is ${shown(name)}: use at most 63 lower-case letters, digits and '-', beginning with a letter`);
  const { model, image = defaultImage } = agent.spec.agent;
  if (image === undefined) throw invalidSpec('spec.agent.image', 'is not set and the operator has no default: name the runtime image, or install the operator with one');
  const bundle = renderBundle(agent, provider, promptText);
  const egress = renderEgress(agent.spec.network, bundle);
  const templateFor = (revision: string) => renderPodTemplate({ agent, provider, bundle, image, revision });
  const revision = revisionDigest({ bundle, egress, podTemplate: templateFor(noRevision) });
  return inCanonicalOrder({ agent: name, namespace, revision, image, model: model.name, bundle, podTemplate: templateFor(revision), egress });
}

/** Whether `content` is what `revision` was named after. */
export function isContentOf(revision: string, content: RevisionContent): boolean {
  const { bundle, egress } = content;
  const podTemplate: unknown = JSON.parse(canonicalJson(content.podTemplate).replaceAll(revision, noRevision));
  return revisionDigest({ bundle, egress, podTemplate }) === revision;
}

/** The same data with keys in canonical order, so that reading a record back gives the very same object. */
function inCanonicalOrder(record: RevisionRecord): RevisionRecord {
  return JSON.parse(canonicalJson(record)) as RevisionRecord;
}
