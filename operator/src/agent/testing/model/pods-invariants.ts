import { podsFor } from '../../../traffic/revision-pods.ts';
import { policyOf } from './abstract-cluster.ts';
import { type Invariant, wholePlan } from './look.ts';

/** Two who set the same number would undo each other's work for ever. A Deployment below the minimum that its HPA is to have is raised to it. */
const aDeploymentUnderAnAutoscalerIsNotScaled: Invariant = (look) => {
  const { observation, after } = look;
  for (const revision of observation.autoscalers) {
    const before = observation.revisions.get(revision)?.replicas;
    const now = after.pods.get(revision)?.replicas;
    if (before === undefined || now === undefined || before === now || after.autoscalers.boundsOf(revision) === undefined) continue;
    const least = wholePlan(look)?.targets.find(({ record }) => record.revision === revision)?.bounds?.minReplicas ?? 0;
    if (before >= least || now < before) return `${revision} has an HPA and goes from ${before} to ${now} pods`;
  }
  return undefined;
};

/** An HPA that may go below what a share of the users needs would break the promise of the step. Where nobody is ready the shares are those of before, and all goes to the first who is. */
const anAutoscalerKeepsThePodsOfTheWeight: Invariant = (look) => {
  const { after, observation } = look;
  const route = wholePlan(look)?.traffic.route;
  const { autoscaling } = observation.agent.spec;
  const isServed = [...(route?.weights.keys() ?? [])].some((revision) => (observation.revisions.get(revision)?.ready ?? 0) > 0);
  if (route === undefined || autoscaling === undefined || route.weights.size < 2 || !isServed) return undefined;
  for (const [revision, weight] of route.weights) {
    const bounds = wholePlan(look)?.targets.find(({ record }) => record.revision === revision)?.bounds;
    const needed = podsFor(weight, after.capacity);
    if (bounds !== undefined && bounds.minReplicas < needed) return `the HPA of ${revision} may leave it ${bounds.minReplicas} pods for ${weight} %, which need ${needed}`;
  }
  return undefined;
};

/** Only what serves or is on its way to serve has one, and never with bounds beyond those of the spec. */
const autoscalersAreOfWhatServes: Invariant = (look) => {
  const { autoscaling } = look.observation.agent.spec;
  const wrong = wholePlan(look)?.targets.find(({ bounds }) => bounds !== undefined && (autoscaling === undefined || bounds.minReplicas < 1 || bounds.maxReplicas > autoscaling.maxReplicas || bounds.minReplicas > bounds.maxReplicas));
  return wrong === undefined ? undefined : `the HPA of ${wrong.record.revision} shall have ${JSON.stringify(wrong.bounds)}`;
};

/** No user is sent to a revision whose Deployment asks for no pods, as long as another one has any that could take them. */
const noPodsNoWeight: Invariant = (look) => {
  const { targets = [], retiring, traffic } = wholePlan(look) ?? {};
  const { revisions } = look.observation;
  const planned = (revision: string): number => targets.find(({ record }) => record.revision === revision)?.replicas ?? retiring?.get(revision) ?? 0;
  const empty = [...(traffic?.route?.weights ?? [])].find(([revision]) => planned(revision) + (revisions.get(revision)?.replicas ?? 0) === 0);
  const other = [...revisions.values()].find(({ revision, ready }) => ready > 0 && planned(revision) > 0 && traffic?.route?.weights.has(revision) === true);
  return empty === undefined || other === undefined ? undefined : `${empty[0]} shall have ${empty[1]} % and no pods, while ${other.revision} has some`;
};

/** A pod without its policy may connect to anything: at no moment, wherever the operator died, is there one, be it on its way out or about to be made. */
const everyPodIsBounded: Invariant = ({ after }) => {
  const open = [...after.pods.keys(), ...after.orphans.keys()].find((revision) => !after.policies.has(policyOf(revision)));
  return open === undefined ? undefined : `revision ${open} has pods and no NetworkPolicy ${policyOf(open)}`;
};

export const podsInvariants: Readonly<Record<string, Invariant>> = {
  aDeploymentUnderAnAutoscalerIsNotScaled,
  anAutoscalerKeepsThePodsOfTheWeight,
  autoscalersAreOfWhatServes,
  noPodsNoWeight,
  everyPodIsBounded,
};
