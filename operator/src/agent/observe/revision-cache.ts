import type { AgentDeployment } from '@sluice/crds';
import { type ConfigMap, controllerOf, isSameJson } from '@sluice/kube';
import { contentDigest, parseRecord, recordData, type ReferenceSource, RevisionError } from '../../revision/index.ts';
import type { RevisionRecord } from '../../revision/index.ts';
import { revisionObjectName } from '../../children/names.ts';
import { remember } from '../../remember.ts';
import { resolveRevision } from './inputs.ts';
import type { AgentInputs } from './inputs.ts';
import type { DesiredRevision } from '../observation.ts';

/** What was found under a name while a revision was rendered. */
interface LookUp {
  readonly kind: 'configMap' | 'secretVersion';
  readonly name: string;
  /** '' where there was nothing. */
  readonly version: string;
}

interface Rendered {
  readonly inputs: string;
  readonly lookUps: readonly LookUp[];
  readonly desired: DesiredRevision;
}

/** Agents whose rendering and stored ConfigMaps are remembered; beyond it the oldest are rendered anew. */
const maxAgents = 10_000;

const noReferences: ReferenceSource = { configMap: () => undefined };

/** Rendering and checking a revision costs milliseconds, and most reconciles change neither: both are remembered by version. */
export class RevisionCache {
  readonly #parsed = new WeakMap<ConfigMap, RevisionRecord | 'Damaged'>();
  readonly #digests = new WeakMap<ConfigMap, string>();
  readonly #rendered = new Map<string, Rendered>();
  readonly #stored = new Map<string, ReadonlyMap<string, ConfigMap>>();

  /** The record in a cached ConfigMap; undefined when it is damaged, which then counts as absent. */
  record(configMap: ConfigMap): RevisionRecord | undefined {
    const known = this.#parsed.get(configMap) ?? this.#asRendered(configMap) ?? parse(configMap);
    this.#parsed.set(configMap, known);
    return known === 'Damaged' ? undefined : known;
  }

  /** The record of which the ConfigMap was made in this process: it is checked already, and need not be in memory twice. */
  #asRendered(configMap: ConfigMap): RevisionRecord | undefined {
    const desired = this.#rendered.get(controllerOf(configMap)?.uid ?? '')?.desired;
    if (desired?.kind !== 'Rendered') return undefined;
    const { record } = desired;
    const { name, namespace = '' } = configMap.metadata;
    const isOf = name === revisionObjectName(record.agent, record.revision) && namespace === record.namespace;
    return isOf && isSameJson(configMap.data, recordData(record)) ? record : undefined;
  }

  /** The digest of all that a cached ConfigMap holds. */
  digest(configMap: ConfigMap): string {
    const known = this.#digests.get(configMap) ?? contentDigest(configMap);
    this.#digests.set(configMap, known);
    return known;
  }

  /** The revision that the spec describes with these inputs. */
  desired(agent: AgentDeployment, found: AgentInputs): DesiredRevision {
    const { uid = '', generation = 0 } = agent.metadata;
    const { references = noReferences } = found;
    const others = (found.otherProviders ?? []).map((provider) => provider?.metadata.resourceVersion ?? '').join('+');
    const inputs = [generation, found.provider?.metadata.resourceVersion, others, found.promptConfigMap?.metadata.resourceVersion, references.secretVersion !== undefined].join('/');
    const known = this.#rendered.get(uid);
    if (known?.inputs === inputs && known.lookUps.every((lookUp) => versionOf(lookUp, references) === lookUp.version)) return known.desired;
    const lookUps: LookUp[] = [];
    const desired = resolveRevision(agent, { ...found, references: noted(references, lookUps) });
    remember(this.#rendered, uid, { inputs, lookUps, desired }, maxAgents);
    return desired;
  }

  /**
   * Takes note of the ConfigMaps of an agent's revisions and returns those that were stored before, are of a revision for which `isWanted`
   * holds, and are stored no more: somebody deleted them. Known since this process began.
   */
  lost(agent: AgentDeployment, stored: readonly ConfigMap[], isWanted: (configMap: ConfigMap) => boolean): readonly ConfigMap[] {
    const { uid = '' } = agent.metadata;
    const present = new Map(stored.map((configMap) => [configMap.metadata.name, configMap]));
    const lost = [...(this.#stored.get(uid)?.values() ?? [])].filter((configMap) => !present.has(configMap.metadata.name) && isWanted(configMap));
    remember(this.#stored, uid, new Map([...lost.map((configMap) => [configMap.metadata.name, configMap] as const), ...present]), maxAgents);
    return lost;
  }
}

/** `source`, which notes in `lookUps` what it is asked for. */
function noted(source: ReferenceSource, lookUps: LookUp[]): ReferenceSource {
  const { configMap, secretVersion } = source;
  const note = <T>(kind: LookUp['kind'], look: (name: string) => T) => (name: string): T => {
    lookUps.push({ kind, name, version: versionOf({ kind, name }, source) });
    return look(name);
  };
  return { configMap: note('configMap', configMap), ...(secretVersion === undefined ? {} : { secretVersion: note('secretVersion', secretVersion) }) };
}

function versionOf({ kind, name }: Pick<LookUp, 'kind' | 'name'>, { configMap, secretVersion }: ReferenceSource): string {
  if (kind === 'secretVersion') return secretVersion?.(name) ?? '';
  const { uid = '', resourceVersion = '' } = configMap(name)?.metadata ?? {};
  return `${uid}/${resourceVersion}`;
}

function parse(configMap: ConfigMap): RevisionRecord | 'Damaged' {
  try {
    return parseRecord(configMap);
  } catch (error) {
    if (error instanceof RevisionError) return 'Damaged';
    throw error;
  }
}
