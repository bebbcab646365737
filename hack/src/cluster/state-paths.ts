import { join } from 'node:path';

/** Where everything of one cluster lies. */
export interface StatePaths {
  readonly root: string;
  /** What kind of cluster this is and where in the network: written before anything is made. */
  readonly record: string;
  /** The administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly pki: string;
  readonly config: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly log: string;
  /** One file a process: pid and start. */
  readonly processes: string;
  /** Folders that stand in for fixed paths of the machine, inside the node's mount namespace. */
  readonly mounts: string;
}

export function statePaths(root: string): StatePaths {
  return {
    root,
    record: join(root, 'cluster.json'),
    kubeconfig: join(root, 'kubeconfig'),
    pki: join(root, 'pki'),
    config: join(root, 'config'),
    etcd: join(root, 'etcd'),
    containerd: join(root, 'containerd'),
    log: join(root, 'log'),
    processes: join(root, 'processes'),
    mounts: join(root, 'mounts'),
  };
}
