import { Counter, Gauge, type Registry } from 'prom-client';
import type { Settled } from '../jobs/worker/settle.ts';

const outcomes = ['succeeded', 'retrying', 'failed', 'dead', 'cancelled', 'handed-over', 'waiting', 'lost'] as const satisfies readonly Settled[];

export interface JobMetrics {
  readonly ended: (outcome: Settled) => void;
  /** Lets the gauge read how many jobs run here. */
  readonly watch: (running: () => number) => void;
}

export function createJobMetrics(registry: Registry): JobMetrics {
  const attempts = new Counter({ name: 'sluice_job_attempts_total', help: 'Attempts at jobs in this process by how they ended.', labelNames: ['outcome'] as const, registers: [registry] });
  const running = new Gauge({ name: 'sluice_jobs_running', help: 'Jobs that this process works on.', registers: [registry] });
  for (const outcome of outcomes) attempts.inc({ outcome }, 0);
  return {
    ended: (outcome) => attempts.inc({ outcome }),
    watch: (read) => {
      Object.assign(running, { collect: () => running.set(read()) });
    },
  };
}
