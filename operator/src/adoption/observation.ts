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
  /** Names of Services that select its pods, without the one of the agent's name. */
  readonly otherServices?: readonly string[];
}
