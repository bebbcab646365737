import { type AgentDeploymentSpec, beyondEdges, type GatesSpec, latencyEdges } from '@sluice/crds';

type Objective = NonNullable<GatesSpec['objectives']>[number];

/** What an objective asks for, and the gates can tell only nearly, or only after very many requests. */
export function objectiveWarnings(gates: NonNullable<AgentDeploymentSpec['rollout']>['gates']): string[] {
  const { objectives = [], risk } = gates ?? {};
  return objectives.flatMap((objective, index) => {
    const path = `spec.rollout.gates.objectives[${index}]`;
    return [...betweenEdges(objective, path), ...narrowCost(objective, { path, riskPercent: risk?.promoteWorsePercent ?? 5 })];
  });
}

function betweenEdges({ latency }: Objective, path: string): string[] {
  const bound = latency?.maxMilliseconds;
  if (bound === undefined || latencyEdges.includes(bound / 1000)) return [];
  const [below, above] = [latencyEdges.findLast((edge) => edge * 1000 < bound), latencyEdges.find((edge) => edge * 1000 > bound)];
  const field = `${path}.latency.maxMilliseconds is ${bound}`;
  if (above === undefined) return [`${field}: ${beyondEdges((below ?? 0) * 1000)}`];
  const choice = below === undefined ? `${above * 1000}` : `${below * 1000} or ${above * 1000}`;
  return [`${field}: it lies between the times up to which requests are counted, and is judged at ${above * 1000}: write ${choice}`];
}

/** Percent below which a gate of a cost is told of. */
const narrowPercent = 5;
/** A cost is capped at ten times the mean, and no bet stakes more than half of its capital on one request. */
const meanInCaps = 0.1;
const stake = 0.5;
/** Share of the capital that bets from the first block on. */
const firstShare = 0.8;

/** Of costs that are all alike; where they are not it takes more. How much traffic there is only the forecast knows. */
function narrowCost({ cost, role = 'Guard' }: Objective, { path, riskPercent }: { readonly path: string; readonly riskPercent: number }): string[] {
  const percent = cost?.maxIncreasePercent;
  if (percent === undefined || role !== 'Gate' || percent >= narrowPercent) return [];
  const nats = Math.log(100 / riskPercent / firstShare);
  const requests = Math.ceil((nats * (1 - meanInCaps)) / (stake * meanInCaps * (percent / 100)) / 100) * 100;
  return [`${path}.cost.maxIncreasePercent is ${percent}: as a gate it needs more than ${requests} requests of the new revision, even where all of them cost the same: write ${narrowPercent} or more, or see that status.forecast of the agent has it within reach (its smallest margin)`];
}
