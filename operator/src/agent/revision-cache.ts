import type { AgentDeployment } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';
import { parseRecord, RevisionError } from '../revision/index.ts';
import type { RevisionRecord } from '../revision/index.ts';
import { resolveRevision } from './inputs.ts';
import type { AgentInputs } from './inputs.ts';
import type { DesiredRevision } from './observation.ts';

interface Rendered {
  readonly inputs: string;
  readonly desired: DesiredRevision;
}

/** Agents whose rendering is remembered; beyond it the oldest is rendered anew. */
const maxRendered = 10_000;

/** Rendering and checking a revision costs milliseconds, and most reconciles change neither: both are remembered by version. */
export class RevisionCache {
  readonly #parsed = new WeakMap<ConfigMap, RevisionRecord | 'Damaged'>();
  readonly #rendered = new Map<string, Rendered>();

  /** The record in a cached ConfigMap; undefined when it is damaged, which then counts as absent. */
  record(configMap: ConfigMap): RevisionRecord | undefined {
    const known = this.#parsed.get(configMap) ?? parse(configMap);
    this.#parsed.set(configMap, known);
    return known === 'Damaged' ? undefined : known;
  }

  /** The revision that the spec describes with these inputs. */
  desired(agent: AgentDeployment, found: AgentInputs): DesiredRevision {
    const { uid = '', generation = 0 } = agent.metadata;
    const inputs = [generation, found.provider?.metadata.resourceVersion, found.promptConfigMap?.metadata.resourceVersion].join('/');
    const known = this.#rendered.get(uid);
    if (known?.inputs === inputs) return known.desired;
    const desired = resolveRevision(agent, found);
    this.#rendered.delete(uid);
    this.#rendered.set(uid, { inputs, desired });
    const [oldest] = this.#rendered.keys();
    if (this.#rendered.size > maxRendered && oldest !== undefined) this.#rendered.delete(oldest);
    return desired;
  }
}

function parse(configMap: ConfigMap): RevisionRecord | 'Damaged' {
  try {
    return parseRecord(configMap);
  } catch (error) {
    if (error instanceof RevisionError) return 'Damaged';
    throw error;
  }
}
