import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NodeAddresses } from './addresses.ts';
import { ensureCertificates } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { KUBECONFIG_USERS, nodeCertificates, type NodeComponentsOptions } from './node-components.ts';
import { renderCniConfig, renderContainerdConfig, renderCorefile, renderKubeletConfig, usableResolvers } from './node-config.ts';
import type { StartContext } from './node-context.ts';

/** systemd-resolved names the true resolvers in the second file when the first holds a loopback address only. */
const RESOLV_CONFS = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** Writes certificates, kubeconfigs and configuration files; returns the texts that components must be restarted for when they change. */
export async function writeNodeFiles(context: StartContext, addresses: NodeAddresses): Promise<NodeComponentsOptions['files']> {
  const { paths } = context;
  await ensureCertificates(nodeCertificates(context.name, addresses), { ...context, folder: paths.pki });
  await mkdir(join(paths.config, 'cni'), { recursive: true });
  const identify = { name: context.name, server: `https://${addresses.apiServerHost}:${addresses.apiServerPort}`, pki: paths.pki };
  await writeKubeconfig(paths.kubeconfig, { ...identify, client: 'admin' });
  for (const client of KUBECONFIG_USERS) await writeKubeconfig(join(paths.config, `${client}.kubeconfig`), { ...identify, client });
  const resolvers = await findResolvers();
  const files = {
    'containerd.toml': renderContainerdConfig({ paths, runc: context.runc, cniPlugins: context.cniPlugins }),
    'kubelet.yaml': renderKubeletConfig(addresses, paths),
    Corefile: renderCorefile(addresses, join(paths.config, 'coredns.kubeconfig'), resolvers),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(paths.config, name), text);
  await writeFile(join(paths.config, 'cni', '10-sluice.conflist'), renderCniConfig(addresses));
  await writeFile(join(paths.config, 'resolv.conf'), resolvers.map((server) => `nameserver ${server}\n`).join(''));
  return files;
}

async function findResolvers(): Promise<readonly string[]> {
  for (const path of RESOLV_CONFS) {
    const resolvers = usableResolvers(await readFile(path, 'utf8').catch(() => ''));
    if (resolvers.length > 0) return resolvers;
  }
  return [];
}
