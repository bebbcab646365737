import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../progress/clock.ts';
import { type Progress, withStep } from '../progress/progress.ts';
import type { ProcessIdentity } from '../process/identity.ts';
import { ensureSystemPrograms, ensureTools } from '../tools/tools.ts';
import type { ControlPlaneAddresses } from './addresses.ts';
import { whyNotServed } from './api-probe.ts';
import { ensureCertificates } from './certificates.ts';
import { ClusterError } from './cluster-error.ts';
import type { Component } from './component.ts';
import { controlPlaneCertificates } from './control-plane-certificates.ts';
import { type ControlPlaneProgram, controlPlaneProgram } from './control-plane-program.ts';
import { apiServerFlags, controllerManagerFlags, etcdFlags } from './control-plane-flags.ts';
import { freePorts } from './free-ports.ts';
import { startGuard } from './guard-process.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { type StatePaths, statePaths } from './state-paths.ts';

export type { ControlPlaneProgram } from './control-plane-program.ts';

export interface ControlPlaneOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Of the API server, after its own: an audit log, a feature gate. */
  readonly apiServerFlags?: readonly string[];
  /** Of the controller manager, after its own, which they override. */
  readonly controllerManagerFlags?: readonly string[];
}

/** etcd, the API server and the controllers, without any node: pods are accepted and never run. */
export interface ControlPlane {
  readonly kubeconfig: string;
  /** https://127.0.0.1:PORT */
  readonly url: string;
  readonly etcd: ControlPlaneProgram;
  readonly apiServer: ControlPlaneProgram;
  readonly controllerManager: ControlPlaneProgram;
  /** Ends the processes and removes their folder; done by itself when this process dies. */
  stop(): Promise<void>;
}

/** Another process may take a port between the moment it is found free and the moment it is used. */
const ATTEMPTS = 3;

/** Starts a control plane on free ports of 127.0.0.1, in a temporary folder; needs no root. Throws ClusterError or ToolError. */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const tools = await ensureTools(['etcd', 'kube-apiserver', 'kube-controller-manager'], options);
  const { openssl } = await ensureSystemPrograms(['openssl'], options);
  const clock = options.clock ?? systemClock;
  return withStep(options.progress, 'start a control plane', async () => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await attemptControlPlane({ tools, openssl, clock, signal: options.signal, apiServerFlags: options.apiServerFlags ?? [], controllerManagerFlags: options.controllerManagerFlags ?? [] });
      } catch (error) {
        if (attempt === ATTEMPTS || !(error instanceof ClusterError) || !error.message.includes('address already in use')) throw error;
      }
    }
  });
}

interface Attempt {
  readonly tools: Readonly<Record<'etcd' | 'kube-apiserver' | 'kube-controller-manager', string>>;
  readonly openssl: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly apiServerFlags: readonly string[];
  readonly controllerManagerFlags: readonly string[];
}

async function attemptControlPlane(attempt: Attempt): Promise<ControlPlane> {
  const paths = statePaths(await mkdtemp(join(tmpdir(), 'sluice-control-plane-')));
  const guard = startGuard(paths.root);
  const addresses = loopbackAddresses(await freePorts(3));
  try {
    await mkdir(paths.config, { recursive: true });
    await ensureCertificates(controlPlaneCertificates('control-plane', addresses), { ...attempt, folder: paths.pki });
    const server = `https://127.0.0.1:${addresses.apiServerPort}`;
    const identify = { name: 'control-plane', server, pki: paths.pki };
    await writeKubeconfig(paths.kubeconfig, { ...identify, client: 'admin' });
    await writeKubeconfig(join(paths.config, 'controller-manager.kubeconfig'), { ...identify, client: 'controller-manager' });
    const programs = controlPlanePrograms(paths, addresses, attempt, guard.watch);
    await Promise.all([programs.etcd.start(attempt), programs.apiServer.start(attempt)]);
    await programs.controllerManager.start(attempt);
    return { kubeconfig: paths.kubeconfig, url: server, ...programs, stop: guard.release };
  } catch (error) {
    await guard.release();
    throw error;
  }
}

function controlPlanePrograms(
  paths: StatePaths,
  addresses: ControlPlaneAddresses,
  attempt: Attempt,
  watch: (identity: ProcessIdentity) => void,
): Record<'etcd' | 'apiServer' | 'controllerManager', ControlPlaneProgram> {
  const flags = { addresses, pki: paths.pki, etcdFolder: paths.etcd, config: paths.config };
  const probe = { host: '127.0.0.1', port: addresses.apiServerPort, pki: paths.pki };
  const program = (component: Component, check: (signal: AbortSignal) => Promise<string | undefined>): ControlPlaneProgram =>
    controlPlaneProgram(component, check, { paths, clock: attempt.clock, watch });
  return {
    // The API server connects to etcd as soon as it can: its readiness shows both.
    etcd: program({ name: 'etcd', program: attempt.tools.etcd, args: etcdFlags(flags) }, async () => undefined),
    apiServer: program({ name: 'kube-apiserver', program: attempt.tools['kube-apiserver'], args: [...apiServerFlags(flags), ...attempt.apiServerFlags] }, (signal) =>
      whyNotServed(probe, '/readyz', signal),
    ),
    controllerManager: program(
      { name: 'kube-controller-manager', program: attempt.tools['kube-controller-manager'], args: [...controllerManagerFlags(flags), ...attempt.controllerManagerFlags] },
      (signal) => whyNotServed(probe, '/api/v1/namespaces/default/serviceaccounts/default', signal),
    ),
  };
}

function loopbackAddresses(ports: readonly number[]): ControlPlaneAddresses {
  const [apiServerPort = 0, etcdClientPort = 0, etcdPeerPort = 0] = ports;
  return {
    apiServerHost: '127.0.0.1',
    apiServerPort,
    bindAddress: '127.0.0.1',
    etcdClientPort,
    etcdPeerPort,
    // Room for a Service of each of many thousand agents.
    serviceRange: '10.0.0.0/16',
    kubernetesService: '10.0.0.1',
  };
}
