import { Counter, Gauge, type Registry } from 'prom-client';
import type { ObservePrecision } from '../precision/adaptive-run.ts';
import { precisionLevels } from '../precision/levels.ts';
import { allLevels, type Precision } from '../precision/precision.ts';

/** The metrics of confidence, by the names that their users know. */
export function createPrecisionMetrics(registry: Registry, precision: Precision, tools: readonly string[]): ObservePrecision {
  const registers = [registry];
  const value = new Gauge({ name: 'lrs_precision_value', help: 'Confidence in a level of the work, 0 to 1.', labelNames: ['level'] as const, registers });
  const executions = new Counter({ name: 'lrs_tool_execution_total', help: 'Calls of tools that users caused, by whether they went well.', labelNames: ['tool', 'success'] as const, registers });
  const adaptations = new Counter({ name: 'lrs_adaptation_events_total', help: 'Times that the agent changed its ways, because calls ended otherwise than it expected.', registers });
  const freeEnergy = new Gauge({ name: 'lrs_g_value', help: 'Expected free energy of a policy in nats: the less, the better. Without policies each tool is one.', labelNames: ['policy_id'] as const, registers });
  const show = (): void => {
    const levels = allLevels(precision);
    for (const level of precisionLevels) value.set({ level }, levels[level]);
    for (const { policy, freeEnergy: energy } of precision.values()) freeEnergy.set({ policy_id: policy }, energy);
  };
  for (const tool of tools) for (const success of ['true', 'false'] as const) executions.inc({ tool, success }, 0);
  show();
  return {
    onCall: ({ tool, outcome }) => executions.inc({ tool, success: outcome === 'success' ? 'true' : 'false' }),
    onLearnt: show,
    onAdaptation: () => adaptations.inc(),
  };
}
