import { CommandError } from '../process/command.ts';
import type { NodeAddresses } from './addresses.ts';
import { type Machine, runOn } from './machine.ts';
import type { NetworkInUse } from './slots.ts';

const ALIAS_LENGTH = 200;

export async function observeNetwork(machine: Machine): Promise<NetworkInUse> {
  const list = async (args: readonly string[], field: string): Promise<readonly string[]> => listField(await runOn(machine, 'ip', ['-json', ...args]), field);
  const [routes, namespaces, links] = await Promise.all([
    list(['-4', 'route', 'show'], 'dst'),
    list(['netns', 'list'], 'name'),
    list(['link', 'show'], 'ifname'),
  ]);
  return { routes, namespaces, links };
}

/** Makes what is missing of the node's network namespace, its link to the host, the routes to it and its way out. */
export async function ensureNetwork(addresses: NodeAddresses, owner: string, machine: Machine): Promise<void> {
  const inUse = await observeNetwork(machine);
  if (!inUse.namespaces.includes(addresses.namespace)) await addNamespace(addresses, machine);
  if (!inUse.links.includes(addresses.hostLink)) await makeLink(addresses, owner, machine);
  const node = ['-n', addresses.namespace];
  await runOn(machine, 'ip', ['address', 'replace', `${addresses.hostAddress}/24`, 'dev', addresses.hostLink]);
  await runOn(machine, 'ip', ['link', 'set', addresses.hostLink, 'up']);
  await runOn(machine, 'ip', [...node, 'address', 'replace', `${addresses.nodeAddress}/24`, 'dev', 'eth0']);
  for (const link of ['lo', 'eth0']) await runOn(machine, 'ip', [...node, 'link', 'set', link, 'up']);
  await runOn(machine, 'ip', [...node, 'route', 'replace', 'default', 'via', addresses.hostAddress]);
  for (const range of [addresses.podRange, addresses.serviceRange]) {
    await runOn(machine, 'ip', ['route', 'replace', range, 'via', addresses.nodeAddress]);
  }
  await runOn(machine, 'nsenter', [`--net=/run/netns/${addresses.namespace}`, machine.programs.sysctl, '-qw', 'net.ipv4.ip_forward=1']);
  await runOn(machine, 'nft', ['-f', '-'], renderMasquerade(addresses));
}

/** Removes the namespace, the link (its routes go with it) and the rules. What is not there is no error. */
export async function removeNetwork(addresses: NodeAddresses, machine: Machine): Promise<void> {
  const inUse = await observeNetwork(machine);
  if (inUse.links.includes(addresses.hostLink)) await runOn(machine, 'ip', ['link', 'delete', addresses.hostLink]);
  if (inUse.namespaces.includes(addresses.namespace)) await runOn(machine, 'ip', ['netns', 'delete', addresses.namespace]);
  try {
    await runOn(machine, 'nft', ['delete', 'table', 'ip', addresses.namespace]);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
  }
}

/** Processes in the node's network namespace: its components, the shims of its pods and pods in the host network. */
export async function namespaceProcesses(addresses: NodeAddresses, machine: Machine): Promise<readonly number[]> {
  const inUse = await observeNetwork(machine);
  if (!inUse.namespaces.includes(addresses.namespace)) return [];
  const output = await runOn(machine, 'ip', ['netns', 'pids', addresses.namespace]);
  return output.split('\n').filter((line) => line !== '').map(Number);
}

/** Lets the node out by the host's address. The table is replaced as a whole: running it twice changes nothing. */
export function renderMasquerade(addresses: NodeAddresses): string {
  const table = `table ip ${addresses.namespace}`;
  return [
    table,
    `delete ${table}`,
    `${table} {`,
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat',
    `    ip saddr { ${addresses.nodeRange}, ${addresses.podRange} } oifname != "${addresses.hostLink}" masquerade`,
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Fails when the namespace exists: of two clusters that want a slot, one gets it. Throws CommandError. */
export async function addNamespace(addresses: NodeAddresses, machine: Machine): Promise<void> {
  await runOn(machine, 'ip', ['netns', 'add', addresses.namespace]);
}

/** Whose slot it is: the link's alias names the state folder. */
export async function slotOwner(addresses: NodeAddresses, machine: Machine): Promise<'nobody' | 'unknown' | { readonly owner: string }> {
  const inUse = await observeNetwork(machine);
  if (inUse.links.includes(addresses.hostLink)) {
    const [owner = ''] = listField(await runOn(machine, 'ip', ['-json', 'link', 'show', addresses.hostLink]), 'ifalias');
    return { owner };
  }
  return inUse.namespaces.includes(addresses.namespace) ? 'unknown' : 'nobody';
}

/** The alias for a state folder: the kernel keeps at most 255 bytes. */
export function ownerAlias(stateFolder: string): string {
  return stateFolder.slice(-ALIAS_LENGTH);
}

async function makeLink(addresses: NodeAddresses, owner: string, machine: Machine): Promise<void> {
  await runOn(machine, 'ip', ['link', 'add', addresses.hostLink, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', addresses.namespace]);
  await runOn(machine, 'ip', ['link', 'set', addresses.hostLink, 'alias', ownerAlias(owner)]);
}

/** `ip -json` prints nothing at all, or objects that may be empty, where there is nothing to list. */
function listField(output: string, field: string): readonly string[] {
  const rows: unknown = output.trim() === '' ? [] : JSON.parse(output);
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown) => {
    const value: unknown = typeof row === 'object' && row !== null ? Reflect.get(row, field) : undefined;
    return typeof value === 'string' ? [value] : [];
  });
}
