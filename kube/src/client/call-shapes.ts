import type { CallOptions } from '../call-options.ts';

export interface ListOptions {
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Largest page. */
  readonly limit?: number;
  /** From the previous page. */
  readonly continue?: string;
  /** '0' lets the server answer from its cache, however old; default is the newest. */
  readonly resourceVersion?: string;
}

export interface KubeList<T> {
  readonly items: T[];
  readonly resourceVersion: string;
  /** For the next page; undefined on the last. */
  readonly continue: string | undefined;
}

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Events after this version; with `initialEvents`, a state no older than it, and '' is the newest. */
  readonly resourceVersion: string;
  /** 'send' asks for a streaming list: all objects as ADDED, then the bookmark annotated `k8s.io/initial-events-end`, then changes. */
  readonly initialEvents?: 'send';
  /** After which the server ends the watch cleanly. */
  readonly timeoutSeconds: number;
}

/** A call that writes. */
export interface WriteOptions extends CallOptions {
  /** 'All': admission and validation run and the answer is what would be stored, but nothing is. */
  readonly dryRun?: 'All';
  /** What the server does with unknown and doubled fields; its default is 'Warn'. */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export interface DeleteOptions {
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly gracePeriodSeconds?: number;
}

/** Which objects of a namespace (or of the cluster) to delete; without selectors all of them. */
export interface DeleteAllOptions extends Pick<DeleteOptions, 'propagationPolicy' | 'gracePeriodSeconds'> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ApplyOptions {
  /** Who owns the applied fields. */
  readonly fieldManager: string;
  /** 'force' takes fields over from other managers; 'fail' ends in a conflict that names them. */
  readonly conflicts: 'force' | 'fail';
}

export interface PodLogOptions {
  /** Needed when the pod has several containers. */
  readonly container?: string;
  readonly tailLines?: number;
  /** Default 'once'. */
  readonly follow?: 'follow' | 'once';
  /** 'previous' reads the container's last, ended run. */
  readonly run?: 'current' | 'previous';
  readonly sinceSeconds?: number;
  readonly limitBytes?: number;
}

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'test' | 'move' | 'copy';
  /** JSON pointer. */
  readonly path: string;
  readonly value?: unknown;
  readonly from?: string;
}
