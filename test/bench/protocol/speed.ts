import { cpuUsage } from 'node:process';
import { configMaps } from '@sluice/kube';
import { elapsed, NAMESPACE, openRig, type Protocol, watch } from './rig.ts';
import { percentile } from './statistics.ts';

const key = { namespace: NAMESPACE, name: 'bench-0' };
const never = { signal: new AbortController().signal };

export interface Speed {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
  readonly cpuMicros: number;
  readonly connections: number;
}

/** `calls` small reads by `workers` that each go one after the other. */
export async function reads(kubeconfig: string, protocol: Protocol, options: { workers: number; calls: number }): Promise<Speed> {
  const rig = openRig(kubeconfig, protocol);
  try {
    for (let call = 0; call < 50; call++) await rig.client.get(configMaps, key, never);
    const samples: number[] = [];
    const cpu = cpuUsage();
    const total = elapsed();
    await Promise.all(Array.from({ length: options.workers }, async () => {
      while (samples.length < options.calls) {
        const one = elapsed();
        await rig.client.get(configMaps, key, never);
        samples.push(one());
      }
    }));
    const seconds = total() / 1000;
    const used = cpuUsage(cpu);
    return {
      p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), perSecond: samples.length / seconds,
      cpuMicros: (used.user + used.system) / samples.length, connections: rig.connections(),
    };
  } finally {
    await rig.close();
  }
}

/** All `calls` at once: what the gate lets through, and how many connections that takes. */
export async function burst(kubeconfig: string, protocol: Protocol, calls: number): Promise<{ ms: number; connections: number }> {
  const rig = openRig(kubeconfig, protocol);
  try {
    const total = elapsed();
    await Promise.all(Array.from({ length: calls }, () => rig.client.get(configMaps, key, never)));
    return { ms: total(), connections: rig.connections() };
  } finally {
    await rig.close();
  }
}

/** 12 watches, then 200 calls one after the other. */
export async function watchesAndCalls(kubeconfig: string, protocol: Protocol): Promise<{ connections: number; p50: number }> {
  const rig = openRig(kubeconfig, protocol);
  const stop = new AbortController();
  try {
    await Promise.all(Array.from({ length: 12 }, () => watch(rig.client, stop.signal)));
    const samples: number[] = [];
    for (let call = 0; call < 200; call++) {
      const one = elapsed();
      await rig.client.get(configMaps, key, never);
      samples.push(one());
    }
    return { connections: rig.connections(), p50: percentile(samples, 0.5) };
  } finally {
    stop.abort();
    await rig.close();
  }
}

/** Small reads while two lists of all objects run over and over. */
export async function readsDuringLists(kubeconfig: string, protocol: Protocol, ms: number): Promise<{ p50: number; p99: number; lists: number }> {
  const rig = openRig(kubeconfig, protocol);
  try {
    const samples: number[] = [];
    let lists = 0;
    const total = elapsed();
    const list = async () => {
      while (total() < ms) {
        await rig.client.rawText(`/api/v1/namespaces/${NAMESPACE}/configmaps`, never);
        lists += 1;
      }
    };
    const read = async () => {
      while (total() < ms) {
        const one = elapsed();
        await rig.client.get(configMaps, key, never);
        samples.push(one());
      }
    };
    await Promise.all([list(), list(), read()]);
    return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99), lists };
  } finally {
    await rig.close();
  }
}
