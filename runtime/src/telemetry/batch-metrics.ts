import { Counter, type Registry } from 'prom-client';
import type { BatchEvent } from '../jobs/batches/look-after.ts';

const batchEvents = ['submitted', 'found', 'ended', 'refused', 'cancelled', 'given-up'] as const;
const turnOutcomes = ['reply', 'unanswered', 'refused'] as const;

/** Counts batches of the provider and what became of the turns in them. */
export function createBatchMetrics(registry: Registry): (event: BatchEvent) => void {
  const batches = new Counter({ name: 'sluice_model_batches_total', help: 'Batches of the model provider by what happened to them; found: its submission had been lost; given-up: nobody could find out what became of it.', labelNames: ['event'] as const, registers: [registry] });
  const turns = new Counter({ name: 'sluice_model_batch_turns_total', help: 'Turns of jobs that were sent by batch by how they ended; unanswered ones are asked by themselves.', labelNames: ['outcome'] as const, registers: [registry] });
  for (const event of batchEvents) batches.inc({ event }, 0);
  for (const outcome of turnOutcomes) turns.inc({ outcome }, 0);
  return (event) => {
    if (event.type === 'turn') turns.inc({ outcome: event.outcome });
    else if (event.type !== 'error') batches.inc({ event: event.type });
  };
}
