import type { Progress } from '../progress/progress.ts';

export interface Cluster {
  readonly kind: 'existing' | 'kind' | 'local';
  readonly name: string;
  /** Absolute path of a kubeconfig whose current context is this cluster. */
  readonly kubeconfig: string;
  /** Makes the images in a docker-archive or oci-archive file usable by the cluster's pods. Throws ClusterError. */
  loadImage(archive: string, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Names (with tag) of the images that the cluster's node holds; empty for an existing context, whose nodes cannot be asked. */
  images(options: { readonly signal: AbortSignal }): Promise<readonly string[]>;
}

export interface ClusterOptions {
  /** Lower-case letters, digits and dashes, at most 40: `sluice` for ./hack/up, `test` for ./hack/test. */
  readonly name: string;
  /** Absolute path of the folder that holds everything of this cluster, one folder a cluster: `.cluster/<name>`. */
  readonly stateFolder: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface EnsureClusterOptions extends ClusterOptions {
  /** Use this kubectl context instead of making a cluster. */
  readonly context?: string;
  /** `drop`: remove the cluster of this state folder, with all that is in it, and make a new one. Default `keep`. */
  readonly data?: 'keep' | 'drop';
}
