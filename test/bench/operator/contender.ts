import type { Applied, KubeObject, MergePatch, ResourceType } from '@sluice/kube';
import type { ModuleOptions } from './go-modules.ts';
import type { ContenderId } from './options.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

/** How the controller under test is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 when it is ready to work. */
  readonly readyUrl: string;
  readonly metricsUrl: string;
}

export interface LaunchOptions extends ModuleOptions {
  readonly kubeconfig: string;
  readonly nodeFlags: readonly string[];
  /** Agents that Sluice works on at once; undefined: as shipped. */
  readonly concurrency?: number | undefined;
}

/** A controller under test, and what one unit of its fleet is: two pods, released in two steps of 5 s. */
export interface Contender {
  readonly id: ContenderId;
  readonly name: string;
  readonly resource: ResourceType;
  /** Histogram of the time of a reconcile, and the series that count. */
  readonly reconciles: { readonly metric: string; readonly labels: Readonly<Record<string, string>> };
  /** Makes what must exist before the controller starts. */
  install(cluster: SimulatedCluster, call: ModuleOptions): Promise<void>;
  /** Makes what a namespace of the fleet needs. */
  furnish(cluster: SimulatedCluster, namespace: string, call: ModuleOptions): Promise<void>;
  launch(options: LaunchOptions): Promise<Launch>;
  /** One unit, as a user would apply it. */
  unit(place: { readonly namespace: string; readonly name: string }): Applied<KubeObject>;
  /** A change that needs a release. */
  readonly change: MergePatch<KubeObject>;
  /** Whether all of the present spec serves and nothing of an older one is left. */
  settled(unit: KubeObject): boolean;
}

export const REPLICAS = 2;
export const STEP_WEIGHTS = [20, 50] as const;
export const STEP_SECONDS = 5;
