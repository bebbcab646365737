import type { Progress } from '../progress/progress.ts';

/** A program that the tool cache builds. */
export type ToolProgram =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'kubectl'
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'coredns'
  | 'metrics-server'
  | 'helm'
  | 'kind'
  | 'pause';

/** A program that the operating system's packages bring. */
export type SystemProgram = 'buildah' | 'conntrack' | 'ip' | 'iptables' | 'mmdebstrap' | 'nft' | 'nsenter' | 'openssl' | 'runc' | 'socat' | 'unshare';

export interface ToolsOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Overrides `SLUICE_CACHE`, `XDG_CACHE_HOME/sluice` and `~/.cache/sluice`. */
  readonly cacheRoot?: string;
}

/** Absolute paths of the programs, built first where the cache holds no intact copy. Throws ToolError. */
export declare function ensureTools<P extends ToolProgram>(programs: readonly P[], options: ToolsOptions): Promise<Readonly<Record<P, string>>>;

/** Absolute paths of the programs; as root, missing Debian packages are installed, else ToolError names them. */
export declare function ensureSystemPrograms<P extends SystemProgram>(programs: readonly P[], options: ToolsOptions): Promise<Readonly<Record<P, string>>>;
