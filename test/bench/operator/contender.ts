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

/** What a controller is started from, again and again. */
export interface Program {
  readonly command: string;
  /** Flags that stand before further ones of node's, and what stands behind them. */
  readonly flags: readonly string[];
  readonly operands: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface LaunchOptions {
  readonly kubeconfig: string;
  /** The only one that it looks at and has its lease in, as each of them can be installed; undefined: all, with its lease in SYSTEM_NAMESPACE. */
  readonly namespace?: string | undefined;
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
  /** Makes the program, in `folder` where the tool cache does not keep it. */
  build(folder: string, call: ModuleOptions): Promise<Program>;
  launch(program: Program, options: LaunchOptions): Promise<Launch>;
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
