import type { Deployment, Service } from '@sluice/kube';

/** What there is of a Deployment that was made by hand and is to be adopted, as the API server has it now: no cache shows it. */
export interface AdoptionObservation {
  readonly name: string;
  /** Absent: it does not exist, or it was deleted after it was adopted. */
  readonly deployment?: Deployment;
  /** The Service of the agent's name, as long as nobody controls it; absent: there is none, or the agent has it already. */
  readonly service?: Service;
  /** Name of an HPA that scales the Deployment. */
  readonly autoscaler?: string;
  /** Services that select its pods, without the one of the agent's name. */
  readonly otherServices?: readonly Service[];
  /** HTTPRoutes of others, where the agent has a route. */
  readonly routes?: ForeignRoutes;
}

/** HTTPRoutes that somebody else made. */
export interface ForeignRoutes {
  /** The agent's own route needs this name. `Free`: nobody else has it. */
  readonly ownName: 'Taken' | 'Free';
  /** Names of those that send requests of the same Gateway and host names to the pods made by hand, or to the agent past its own route. */
  readonly rivals: readonly string[];
}
