import { cpuUsage } from 'node:process';
import { gunzipSync } from 'node:zlib';
import { loadKubeConfig } from '@sluice/kube';
import { Agent } from 'undici';
import { elapsed, NAMESPACE } from './rig.ts';

export interface Listing {
  readonly ms: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

/** Reads the list of all objects once, plain or as gzip, until it is parsed. */
export async function list(kubeconfig: string, encoding: 'identity' | 'gzip'): Promise<Listing> {
  const connection = loadKubeConfig({ path: kubeconfig, env: {} });
  const credential = await connection.credentials.current({ signal: new AbortController().signal });
  const { ca } = await connection.trust();
  const agent = new Agent({ allowH2: false, connect: { ...(ca === undefined ? {} : { ca }), ...credential.certificate } });
  try {
    const cpu = cpuUsage();
    const took = elapsed();
    const response = await agent.request({ origin: connection.server, path: `/api/v1/namespaces/${NAMESPACE}/configmaps`, method: 'GET', headers: { 'accept-encoding': encoding } });
    const bytes = Buffer.from(await response.body.arrayBuffer());
    JSON.parse((response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8'));
    const used = cpuUsage(cpu);
    return { ms: took(), cpuMs: (used.user + used.system) / 1000, bytes: bytes.length };
  } finally {
    await agent.close();
  }
}
