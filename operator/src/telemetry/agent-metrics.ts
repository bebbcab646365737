import type { AgentDeployment, Release } from '@sluice/crds';
import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import { readLedger, type ReleaseLedger } from '../agent/ledger/releases.ts';

export interface AgentMetricsSource {
  agents(): readonly AgentDeployment[];
  releases(): readonly Release[];
}

/** The status of an agent may be late; what serves and what is wanted is in its Releases. */
function ledgers(source: AgentMetricsSource): (agent: AgentDeployment) => ReleaseLedger {
  const nameOf = (namespace: string | undefined, name: string) => `${namespace ?? ''}/${name}`;
  const byAgent = Map.groupBy(source.releases(), ({ metadata, spec }) => nameOf(metadata.namespace, spec.agentName));
  return ({ metadata }) => readLedger(byAgent.get(nameOf(metadata.namespace, metadata.name)) ?? []);
}

/** Gauges about agents and releases, read from the caches when they are scraped, so that they never outlive their objects. */
export function registerAgentMetrics(registry: Registry, source: AgentMetricsSource): void {
  registry.registerMetric(new Gauge({
    name: 'sluice_agent_info',
    help: 'One series per AgentDeployment: its phase and the revision that serves.',
    labelNames: ['namespace', 'agent', 'phase', 'stable_revision'],
    registers: [],
    collect() {
      this.reset();
      const ledgerOf = ledgers(source);
      for (const agent of source.agents()) {
        const { metadata, status } = agent;
        this.set({ namespace: metadata.namespace ?? '', agent: metadata.name, phase: status?.phase ?? 'Pending', stable_revision: ledgerOf(agent).stableRevision ?? '' }, 1);
      }
    },
  }));
  registry.registerMetric(new Gauge({
    name: 'sluice_canary_weight_percent',
    help: 'Share of the traffic of the revision that is being released: wanted, and real (up to 20 s late).',
    labelNames: ['namespace', 'agent', 'kind'],
    registers: [],
    collect() {
      this.reset();
      const ledgerOf = ledgers(source);
      for (const agent of source.agents()) {
        const { metadata, status } = agent;
        const labels = { namespace: metadata.namespace ?? '', agent: metadata.name };
        this.set({ ...labels, kind: 'wanted' }, ledgerOf(agent).active?.status?.weight ?? 0);
        this.set({ ...labels, kind: 'actual' }, status?.canary?.actualWeight ?? 0);
      }
    },
  }));
  registry.registerMetric(new Gauge({
    name: 'sluice_releases',
    help: 'Releases that exist, by phase and reason of the phase.',
    labelNames: ['namespace', 'agent', 'phase', 'reason'],
    registers: [],
    collect() {
      this.reset();
      for (const { metadata, spec, status } of source.releases()) {
        this.inc({ namespace: metadata.namespace ?? '', agent: spec.agentName, phase: status?.phase ?? 'Preparing', reason: status?.reason ?? '' });
      }
    },
  }));
}
