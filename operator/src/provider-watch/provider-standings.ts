import type { AgentDeployment } from '@sluice/crds';
import type { ProviderStanding } from './provider-standing.ts';

/** Reason of an agent whose pods are ready and do not reach their model provider. */
export const providerUnavailable = 'ProviderUnavailable';

interface Known {
  readonly revision: string;
  readonly standing: ProviderStanding;
}

/** What this process knows of the providers of agents, by uid of the agent. */
export class ProviderStandings {
  readonly #known = new Map<string, Known>();

  /** Agents that something is known of. */
  get size(): number {
    return this.#known.size;
  }

  /** Of one revision of an agent. A process that has not looked yet goes by what the agent's status says, so that a restart of the operator is no news of the provider. */
  of({ metadata: { uid = '' }, status }: AgentDeployment, revision: string): ProviderStanding {
    const known = this.#known.get(uid);
    if (known?.revision === revision) return known.standing;
    const told = status?.stable?.revision === revision ? status.conditions?.find(({ type, reason }) => type === 'Ready' && reason === providerUnavailable) : undefined;
    return known !== undefined || told?.message === undefined ? { kind: 'Unknown' } : { kind: 'CutOff', message: told.message };
  }

  set({ metadata: { uid = '' } }: AgentDeployment, revision: string, standing: ProviderStanding): void {
    this.#known.set(uid, { revision, standing });
  }

  /** Gives up what is known of agents that are not there any more. */
  keepOnly(uids: ReadonlySet<string>): void {
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#known.delete(uid);
  }
}
